from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from pipeline.errors import ConfigError, PipelineError
from pipeline.formats.yamlfile import read_yaml, remarks, validate


class Inner(BaseModel, extra="forbid"):
    count: int = 1
    names: tuple[str, ...] = ()


class Outer(BaseModel, extra="forbid"):
    inner: Inner = Inner()
    many: tuple[Inner, ...] = ()


class Several(BaseModel, extra="forbid"):
    many: tuple[Inner, ...] = Field(min_length=2)


def test_entries_with_faults_of_their_own_are_no_missing_entries(tmp_path):
    with pytest.raises(ConfigError) as caught:
        validate(Several, {"many": [{"count": "x"}, {}]}, tmp_path / "x.yaml", ConfigError)
    assert len(caught.value.message.splitlines()) == 1


def read(folder, text):
    path = folder / "x.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path, ConfigError, what="configuration")


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbfseed: 3\n") == {"seed": 3}


def test_a_key_given_twice_deep_down_is_refused_with_both_lines(tmp_path):
    with pytest.raises(ConfigError, match=r"line 4: the key 'b' is given twice, first on line 2"):
        read(tmp_path, "a:\n  b: 1\n  c: 2\n  b: 3\n")


def test_equal_keys_in_different_sections_are_no_duplicates(tmp_path):
    assert read(tmp_path, "a: {b: 1}\nc: {b: 2}\n") == {"a": {"b": 1}, "c": {"b": 2}}


def test_a_tag_that_builds_an_object_is_refused(tmp_path):
    marker = tmp_path / "ran"
    with pytest.raises(ConfigError):
        read(tmp_path, f"a: !!python/object/apply:os.mkdir ['{marker}']\n")
    assert not marker.exists()


BOMB = "a: &a [x, x, x, x, x, x]\n" + "".join(f"{b}: &{b} [{f'*{a}, ' * 9}]\n" for a, b in pairwise("abcdefgh"))


@pytest.mark.parametrize("value", [
    "!!timestamp x", "!!bool maybe", "!!int ''", "!!float ''", "!it's-wicked a", "9" * 5000, "0x" + "f" * 5000, ".nan",
    "[" * 2000 + "]" * 2000,
    "{a: " * 2000, "\n" + "".join(" " * depth + "-\n" for depth in range(1, 900)), '"\\UFFFFFFFF"', '"a\\0b"',
    '"\\ud800"', "*nobody", f"1\n{BOMB}", "&r [*r]", "{<<: *r}",
])  # fmt: skip
def test_whatever_the_parser_cannot_read_is_an_error_with_a_line(value, tmp_path):
    with pytest.raises(ConfigError, match=r"x\.yaml, line \d+: ") as caught:
        read(tmp_path, f"first: 1\nversion: {value}\n")
    assert not [word for word in ("wicked", "nobody", "maybe") if word in caught.value.message]


@pytest.mark.parametrize("date", ["2026-12-31", "2026-31-12"])
def test_what_looks_like_a_date_is_a_text(date, tmp_path):
    assert read(tmp_path, f"version: {date}\n") == {"version": date}


def test_a_file_of_comments_named_by_mistake_is_not_quoted(tmp_path):
    for text in ("She shouts: a\nShe shouts: b\n", "1,Ward 7: *quickly\n", "id,comment\n1,She shouts: at us\n"):
        try:
            validate(Outer, read(tmp_path, text), tmp_path / "x.yaml", ConfigError)
        except ConfigError as problem:
            assert not [word for word in ("She", "shouts", "Ward", "quickly") if word in problem.message]
        else:
            pytest.fail("it was taken for a configuration")


def test_a_file_too_large_to_be_a_configuration_is_not_read(tmp_path):
    with pytest.raises(ConfigError, match="at most 1,000,000 characters, found 1,000,003"):
        read(tmp_path, "a: " + "x" * 1_000_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"inner": {"count": "she shouts"}}, "inner.count must be a whole number, found a text of 10 characters."),
        ({"many": 10**5000}, "many must be a list, found a number out of range"),
        ({"inner": {"she shouts": 1}}, "inner.(a text of 10 characters) is not a setting."),
        ({"inner": {"cuont": 1}}, "inner.cuont is not a setting. Did you mean 'count'?"),
        ({"inner": {"count": "x"}}, "inner.count must be a whole number, found 'x'"),
        ({"inner": {"count": 1.5}}, "inner.count must be a whole number, found 1.5"),
        ({"inner": {"names": "a"}}, "inner.names must be a list, found 'a'"),
        ({"inner": {"names": [1]}}, "inner.names[1] must be text, found 1"),
        ({"inner": 3}, "inner must be a section with names, found 3"),
        ({"many": [{}, {"count": []}]}, "many[2].count must be a whole number, found a list of 0"),
        ({"many": [{"nmaes": []}]}, "many[1].nmaes is not a setting. Did you mean 'names'?"),
    ],
)
def test_each_problem_says_where_what_is_wanted_and_what_was_found(content, said, tmp_path):
    with pytest.raises(ConfigError) as caught:
        validate(Outer, content, tmp_path / "x.yaml", ConfigError)
    assert said in caught.value.message


def test_all_problems_of_a_file_are_reported_together(tmp_path):
    with pytest.raises(ConfigError) as caught:
        validate(Outer, {"inner": {"count": "x", "names": 3}, "extra": 1}, tmp_path / "x.yaml", ConfigError)
    assert len(caught.value.message.splitlines()) == 3
    assert all(line.startswith(str(tmp_path / "x.yaml")) for line in caught.value.message.splitlines())


@given(text=st.one_of(st.binary(max_size=60), st.text(alphabet="ab:-[]{}&*!?|>'\"#,%@\n\t 1", max_size=40)))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_a_mapping_or_a_clear_error(text, tmp_path):
    try:
        content = read(tmp_path, text)
    except PipelineError as problem:
        assert str(tmp_path / "x.yaml") in problem.message
    else:
        assert all(isinstance(key, str) for key in content)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("names: [no]", "names[1] must be text, but YAML reads 'no' as false (line 1). Put it in quotation marks."),
        ("names:\n  - 012", "names[1] must be text, but YAML reads '012' as the number 10 (line 2)."),
        ("names:\n  - 1:30", "YAML reads '1:30' as the number 90 (line 2). Put it in quotation marks."),
        ("names:\n  - # x", "names[1] must be text, found nothing (line 2). Write it; put a text that begins with #"),
        ("names:\n  - Cost: high", "names[1] must be text, but its colon makes it a section."),
        ("names: a b", "names must be a list, found a text of 3 characters. Write '- '"),
        ("names:", "names must be a list, found nothing. Write its entries, or leave the line out."),
    ],
)
def test_a_word_that_yaml_takes_for_something_else_gets_one_true_sentence(text, said, tmp_path):
    with pytest.raises(ConfigError) as caught:
        validate(Inner, read(tmp_path, text), tmp_path / "x.yaml", ConfigError)
    assert said in caught.value.message
    assert len(caught.value.message.splitlines()) == 1
    assert caught.value.hint == ""


@pytest.mark.parametrize(
    ("text", "said", "mend"),
    [
        ("a: b: c", "line 1: a text with a colon in it needs quotation marks", "Put all that follows the first colon"),
        ("a:\n\t- b", "line 2: a tab stands where spaces are wanted", "spaces"),
        ("a: @b", "line 1: a text begins with a sign", "quotation marks"),
        ("a: 'b\nc: d\n", "line 1: a quotation mark is opened and never closed", "Close it"),
        ("a: *b", "line 1: a text begins with \\*", "quotation marks"),
        ("a: [b, c\nd: e\n", "line 2: a list in brackets is not closed", "close the list"),
        ("a: - b", "line 1: a list begins behind a colon", "next line"),
        ("a: 'b' c", "line 1: a quotation mark ends a text", "quotation marks"),
        ("on: 1\nYes: 2", "line 1: YAML reads 'on' as true. Put it in quotation marks", ""),
        ("012: a", "line 1: YAML reads '012' as the number 10. Put it in quotation marks", ""),
    ],
)
def test_what_yaml_cannot_read_is_said_in_words_with_what_to_do(text, said, mend, tmp_path):
    with pytest.raises(ConfigError, match=said) as caught:
        read(tmp_path, text)
    assert mend in caught.value.hint


def test_a_number_may_be_a_key(tmp_path):
    assert read(tmp_path, "labels: {1: waiting}") == {"labels": {1: "waiting"}}


def test_what_a_reader_may_have_meant_otherwise_is_remarked_on(tmp_path):
    text = "a: B #2\nb: [Too dear, really, No cash]\nc: “x”\nd: e  # a remark\ne: 'f #2'\nf: [ab, cd]\n"
    read(tmp_path, text)
    found = remarks(tmp_path / "x.yaml")
    assert [line.split(":")[0] for line in found] == ["x.yaml, line 1", "x.yaml, line 2", "x.yaml, line 3"]
    assert "what follows # is left out" in found[0]
    assert "comma begins a new entry" in found[1]


@pytest.mark.parametrize(
    ("entry", "line", "said", "mend"),
    [
        ("- [unclear] too dear", 3, "begins with a bracket", "in quotation marks"),
        ("- {site} too dear", 3, "begins with a bracket", "in quotation marks"),
        ('- "Too" dear', 3, "a quotation mark ends a text before the line does", "of the other kind"),
        ("- 'It's too dear'", 3, "a quotation mark ends a text before the line does", "of the other kind"),
        ("- !! too dear", 3, "begins with a sign", "in quotation marks"),
        ("c: d", 3, "does not fit", "Check its indentation"),
        ("No cash", 3, "has no colon", "Write name: text"),
        ("- e\n\u00a0 - f", 4, "odd space", "plain spaces"),
        ("- e\na: f", 4, "given twice", "Keep one of the two"),
    ],
)
def test_each_slip_has_its_own_sentence(tmp_path, entry, line, said, mend):
    with pytest.raises(ConfigError, match=rf"line {line}: .*{said}") as problem:
        read(tmp_path, f"a:\n  - b\n  {entry}\n")
    assert mend in problem.value.hint
