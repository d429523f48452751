from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline.errors import ConfigError, PipelineError
from pipeline.formats.yamlfile import read_yaml, validate


class Inner(BaseModel, extra="forbid"):
    count: int = 1
    names: tuple[str, ...] = ()


class Outer(BaseModel, extra="forbid"):
    inner: Inner = Inner()
    many: tuple[Inner, ...] = ()


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
