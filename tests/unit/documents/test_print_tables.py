import csv
import io
import re
import zipfile
from html.parser import HTMLParser

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pipeline.disclosure.small_groups import hide_groups

from pipeline import load_run
from pipeline.codebook.codebook import Codebook
from pipeline.documents.print_tables import print_tables
from pipeline.tables.html import as_html
from pipeline.tables.latex import as_latex, escaped
from pipeline.tables.print_layout import Heading, chance, count, decimal, percent, plain, print_table
from pipeline.tables.word import as_word
from tests.example_survey import Survey

NOTICE = "Made up & 100 % safe."
WILD = st.text(
    st.one_of(st.sampled_from("\\{}&%$#_~^<>|\"'`[]*“”‘’–—-,=+@?!\t\r\n\x00\ud800\uffff "), st.characters()),
    max_size=12,
)
BOOK = Codebook.model_validate(
    {
        "title": "Book",
        "themes": [{"id": name, "name": name.upper(), "definition": "D."} for name in ("a", "b")],
        "facets": [
            {"id": "mood", "name": "Mood", "definition": "D.",
             "themes": [{"id": id_, "name": name, "definition": "D."} for id_, name in (("0", "Glad"), ("1", "Sad"))]}
        ],
    }
)  # fmt: skip


def small_tables(label="Beds", **changes):
    topic = {
        "topic": 0, "label": label, "keywords": "bed, ward", "size": 30, "share": 0.3, "stability": None,
        "theme": "a", "themes": "a; b", "nearest_theme": "a", "fit": -0.004, "q_value": 0.0004,
        "mapping_robustness": 0.634, "settled": False,
    }  # fmt: skip
    fits = [
        {"topic": 0, "theme": "a", "fit": 0.456, "matched": True},
        {"topic": 0, "theme": "b", "fit": -0.123, "matched": False},
    ]
    shares = {f"share_by_{route}{end}": value for route in ("topics", "comments")
              for end, value in (("", 0.163), ("_low", 0.137), ("_high", 0.194))}  # fmt: skip
    theme = {
        "theme": "a", "name": "A", "published_rank": 1, "n_by_topics": 163, "n_by_comments": 163, **shares,
        "route_difference": -0.03, "route_low": -0.05, "route_high": -0.01, "routes_disagree": True,
    }  # fmt: skip
    pair = {"first": "ann", "second": "machine", "facet": "themes", "comments": "all coded", "n": 40}
    agreement = [
        {**pair, "measure": "cohen_kappa", "value": 0.125, "low": -0.051, "high": 0.3},
        {**pair, "measure": "accuracy", "value": 0.7, "low": None, "high": None},
        {**pair, "second": "", "measure": "ami", "value": 0.2, "low": 0.1, "high": 0.3},
    ]
    claim = {
        "statement": "S.",
        "note": "Read so",
        "claimed": "C",
        "n": 9,
        "shown": "W.",
        "verdict": "supported",
        "reason": "R.",
    }
    made = {
        "topics": [topic], "crosswalk": fits, "prevalence": [theme], "agreement": agreement, "claims": [claim],
    }  # fmt: skip
    frames = {name: pd.DataFrame(rows) for name, rows in made.items()}
    return {**frames, "groups": small_groups(), "group_tests": small_tests(), **changes}


def small_groups():
    rows = [
        {"column": "site", "group": group, "facet": facet, "entry": "0", "comments": comments, "count": 20,
         "share": 0.2, "low": 0.1, "high": 0.3, "rest_share": 0.1, "difference": 0.1, "difference_low": 0.02,
         "difference_high": 0.2, "p_value": q, "q_value": q}
        for group, comments in (("North", 100), ("Tiny", 3), ("Small", 4))
        for facet, q in (("topics", 0.05), ("mood", 0.01), ("themes", 0.051))
    ]  # fmt: skip
    shown = hide_groups(pd.DataFrame(rows), smallest=5)
    return shown.assign(q_value=shown["p_value"])


def small_tests():
    row = {"column": "site", "facet": "themes", "method": "chi-squared", "statistic": 4.0, "df": 2, "q_value": 0.0001}
    return pd.DataFrame([row, {**row, "facet": "mood", "method": "", "q_value": None}])


def cells_of(files, name):
    head, *rows = csv.reader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"), newline=""))
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def files():
    return print_tables(small_tables(), BOOK, notice=NOTICE)


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        (percent, 0.163, "16"), (percent, -0.001, "0"), (percent, -0.13, "−13"), (percent, None, "–"),
        (decimal, 0.456, "0.46"), (decimal, -0.004, "0.00"), (decimal, -0.5, "−0.50"), (decimal, pd.NA, "–"),
        (chance, 0.00099, "<0.001"), (chance, 0.001, "0.001"), (chance, 1.0, "1.000"), (chance, float("nan"), "–"),
        (count, 1234.0, "1234"), (count, pd.NA, "–"), (plain, "\t=1\r\nb\x00", "=1  b"), (plain, None, "–"),
    ],
)  # fmt: skip
def test_numbers_are_rounded_as_printed(form, value, written):
    assert form(value) == written


def test_topics_as_a_journal_prints_them(files):
    assert cells_of(files, "topics") == [
        {"Topic": "0", "Label": "Beds", "Keywords": "bed, ward", "Comments": "30", "%": "30", "Stability": "–",
         "Theme": "A and B", "Fit": "0.00", "q": "<0.001", "Repeated, %": "63‡", "notice": NOTICE}
    ]  # fmt: skip


def test_the_crosswalk_is_wide_with_marks(files):
    (row,) = cells_of(files, "crosswalk")
    assert (row["A"], row["B"], row["Comments"]) == ("0.46†‡", "−0.12", "30")
    tables = small_tables()
    reversed_rows = {**tables, "crosswalk": tables["crosswalk"][::-1]}
    assert cells_of(print_tables(reversed_rows, BOOK, notice=NOTICE), "crosswalk") == [row]


def test_shares_carry_their_intervals(files):
    (row,) = cells_of(files, "prevalence")
    assert row["Matched directly, %"] == "16 (14–19)"
    assert row["Difference, points"] == "−3 (−5 to −1)†"


def test_agreement_is_wide_and_partitions_stand_apart(files):
    (row,) = cells_of(files, "agreement")
    assert list(row) == ["Compared", "Facet", "Comments", "n", "Accuracy", "Cohen’s kappa", "notice"]
    assert (row["Accuracy"], row["Cohen’s kappa"]) == ("0.70", "0.12 (−0.05 to 0.30)")
    assert [(row["Compared"], row["AMI"]) for row in cells_of(files, "agreement_partitions")] == [
        ("ann", "0.20 (0.10–0.30)")
    ]


def test_groups_that_differ_and_groups_that_are_hidden(files):
    rows = cells_of(files, "groups")
    assert [(row["Group"], row["Theme, topic or entry"], row["q"]) for row in rows] == [
        ("North", "Glad", "0.010"), ("North", "topic “Beds”", "0.050"),
        ("Tiny", "all", "suppressed"), ("Small", "all", "suppressed"),
    ]  # fmt: skip
    assert {row["Comments"] for row in rows[2:]} == {"suppressed"}
    assert rows[0]["Difference, points"] == "10 (2–20)"
    text = files["groups.tex"].decode()
    assert "Of 3 comparisons" in text
    assert "2 have q at most 0.05" in text
    assert "site and themes (chi-squared)" in text
    assert "mood (" not in text


def test_a_small_group_is_told_of_by_no_number():
    files = print_tables(small_tables(), BOOK, notice="")
    row = next(row for row in cells_of(files, "groups") if row["Group"] == "Tiny")
    assert not any(re.search(r"\d", cell) for cell in row.values())
    line = next(line for line in files["groups.tex"].decode().splitlines() if "Tiny" in line)
    assert not re.search(r"\d", line)


def test_captions_and_notes_say_n_and_the_notice(files):
    for name in ("topics", "crosswalk", "prevalence"):
        assert "(n = 1000 comments)" in files[f"{name}.html"].decode()
    for name, content in files.items():
        if name.endswith(".html"):
            assert "Made up &amp; 100 % safe." in content.decode(), name
        elif name.endswith(".tex"):
            assert r"Made up \& 100 \% safe." in content.decode(), name
        elif name.endswith(".docx"):
            assert Document(io.BytesIO(content)).paragraphs[-1].text == NOTICE, name


def test_tables_without_rows_have_no_files():
    empty = {name: frame.iloc[:0] for name, frame in small_tables().items()}
    assert print_tables(empty, BOOK, notice=NOTICE) == {}
    groups = small_groups().assign(q_value=0.2)
    assert "groups.csv" not in print_tables(small_tables(groups=groups), BOOK, notice=NOTICE)


def test_all_missing_numbers_are_dashes():
    blank = small_tables()["topics"].assign(size=None, share=None, fit=None, q_value=None, mapping_robustness=None)
    (row,) = cells_of(print_tables(small_tables(topics=blank), BOOK, notice=""), "topics")
    assert {row[name] for name in ("Comments", "%", "Stability", "Fit", "q", "Repeated, %")} == {"–"}
    (row,) = cells_of(print_tables(small_tables(topics=blank.assign(suppressed=True)), BOOK, notice=""), "topics")
    assert row["Comments"] == "suppressed"


def test_an_unmapped_topic_names_its_nearest_theme():
    topics = small_tables()["topics"].assign(theme="unmapped", themes="", settled=True)
    (row,) = cells_of(print_tables(small_tables(topics=topics), BOOK, notice=""), "topics")
    assert (row["Theme"], row["Repeated, %"]) == ("none (nearest: A)", "63")


def test_inputs_stay_as_they_were():
    tables = small_tables()
    before = {name: frame.copy() for name, frame in tables.items()}
    print_tables(tables, BOOK, notice=NOTICE)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_word_has_a_real_table_whose_head_repeats(files):
    document = Document(io.BytesIO(files["crosswalk.docx"]))
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Topic", "Label", "Comments", "A", "B"], ["0", "Beds", "30", "0.46†‡", "−0.12"],
    ]  # fmt: skip
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] == [True, False]
    assert document.paragraphs[0].style.name == "Caption"
    assert document.paragraphs[0].text.startswith("Fit of each topic to each theme")
    assert (document.core_properties.author, document.core_properties.created.year) == ("", 2000)


def test_two_calls_give_the_same_bytes(files, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert print_tables(small_tables(), BOOK, notice=NOTICE) == files
    with zipfile.ZipFile(io.BytesIO(files["topics.docx"])) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("&%$#_{}", r"\&\%\$\#\_\{\}"), ("~^\\", r"\textasciitilde{}\textasciicircum{}\textbackslash{}"),
        ("“a” ‘b’", r"\textquotedblleft{}a\textquotedblright{} {}\textquoteleft{}b\textquoteright{}"),
        ("a--b ---", "a-{}-b -{}-{}-"), ("''", "'{}'"), ("[1]*", "{[}1{]}{*}"), ("é", "é"), ('"', r"\char34{}"),
        ("−1", "$-$1"), ("14–19", r"14\textendash{}19"),
    ],
)  # fmt: skip
def test_latex_is_escaped(text, written):
    assert escaped(text) == written


COMMANDS = {
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textless": "<", "textgreater": ">",
    "textbar": "|", "textasciigrave": "`", "textquotedblleft": "“", "textquotedblright": "”", "textquoteleft": "‘",
    "textquoteright": "’", "textendash": "–", "textemdash": "—", "ldots": "…", "textdagger": "†",
    "textdaggerdbl": "‡", "char34": '"',
}  # fmt: skip
MATHS = {"-": "−", r"\leq": "≤", r"\geq": "≥", r"\times": "×"}


def typeset(latex):
    """Return what LaTeX would print, or fail on what it would take for a command of its own."""
    printed, rest = "", latex
    patterns = r"\\([a-z]+(?:34)?)\{\}|\\([&%$#_{}])|\$([^$]+)\$|\{([\[\]*]?)\}|(~)|([^\\{}&%$#_^~\[\]*])"
    while rest:
        found = re.match(patterns, rest, re.DOTALL)
        assert found, rest
        command, sign, maths, braced, tie, letter = found.groups()
        named = COMMANDS[command] if command else MATHS[maths] if maths else "\u00a0" if tie else ""
        printed += named or sign or braced or letter or ""
        rest = rest[found.end() :]
    return printed


@given(WILD)
def test_latex_prints_any_text_as_it_stands(text):
    written = escaped(plain(text))
    assert typeset(written) == plain(text)
    assert not re.search("--|''|,,|``", written)


def test_latex_rows_have_as_many_cells_as_columns(files):
    for name, content in files.items():
        if name.endswith(".tex"):
            text = content.decode()
            columns = text.count(r"\dimexpr")
            rows = [line for line in text.splitlines() if line.startswith(r"\ragged")]
            assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {columns}, name
            assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}"), name
            assert rf"\label{{tab:{name[:-4]}}}" in text
            assert text.count(r"\toprule") == 2


class Cells(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.cells, self.scopes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))
        if tag in ("td", "th"):
            self.cells.append("")
        self.inside = tag in ("td", "th")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


@given(st.lists(st.tuples(WILD, WILD), min_size=1, max_size=4), WILD)
@settings(max_examples=25, deadline=None)
def test_no_text_is_lost_in_any_form(rows, head):
    table = print_table("wild", head, [Heading(head), Heading("n", True)], rows, [head])
    texts = [[plain(head), "n"], *([plain(cell) for cell in row] for row in rows)]
    document = Document(io.BytesIO(as_word(table)))
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == texts
    html = Cells(as_html(table).decode())
    assert html.cells == [cell for row in texts for cell in row]
    assert html.scopes == ["col", "col"]
    written = as_latex(table).decode()
    for row in texts[1:]:
        assert rf"\raggedright {escaped(row[0])} & \raggedleft {escaped(row[1])} \tabularnewline" in written
    for letters in (10, 100, 1000):
        assert sum(table.widths(letters)) == pytest.approx(1)
        assert min(table.widths(letters)) > 0


def test_no_word_and_no_number_is_wider_than_its_column_where_all_fit():
    table = print_table(
        "t", "c", [Heading("n", True), Heading("Accuracy", True), Heading("Label")],
        [["645", "0.65 (0.60–0.69)", "a label of many words, interoperability among them"]], [],
    )  # fmt: skip
    longest = [len("645"), len("(0.60–0.69)"), len("interoperability")]
    assert sum(table.least_letters) <= 60
    for letters in (60, 100, 150):
        held = [letters * share for share in table.widths(letters)]
        assert all(room >= word for room, word in zip(held, longest, strict=True))


def test_letters_are_smaller_only_where_they_must_be():
    def size_of(table):
        return Document(io.BytesIO(as_word(table))).tables[0].rows[0].cells[0].paragraphs[0].runs[0].font.size.pt

    assert size_of(print_table("t", "c", [Heading("Label"), Heading("n", True)], [["word", "1"]], [])) == 9
    wide = print_table("wide", "w", [Heading(f"Heading{n:02d}") for n in range(20)], [["word"] * 20], [])
    assert size_of(wide) < 9


def test_a_table_too_wide_for_an_upright_page_lies_in_letters_that_can_be_read():
    def latex_of(columns):
        return as_latex(print_table("t", "c", [Heading(f"Head{n:02d}") for n in range(columns)], [], [])).decode()

    upright, wide, widest = latex_of(10), latex_of(14), latex_of(24)
    for text in (upright, wide):
        assert r"{\footnotesize" in text
    assert "landscape" not in upright
    assert "pdflscape" not in upright
    for text in (wide, widest):
        assert r"\usepackage{booktabs,longtable,pdflscape}" in text
        assert text.index(r"\begin{landscape}") < text.index(r"\begin{longtable}")
        assert text.endswith("}\n\\end{landscape}\n")


@given(st.lists(WILD, min_size=1, max_size=3), WILD)
@example(["=1+1", "\t@SUM(A1)", "\r\n+1"], "-cmd")
@settings(max_examples=15, deadline=None)
def test_no_cell_of_the_csv_begins_a_formula(labels, notice):
    topics = pd.concat([small_tables(label)["topics"].assign(topic=place) for place, label in enumerate(labels)])
    rows = cells_of(print_tables(small_tables(topics=topics), BOOK, notice=notice), "topics")
    assert [row["Label"].removeprefix("'") for row in rows] == [plain(label).removeprefix("'") for label in labels]
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())


def test_html_takes_no_text_for_markup():
    markup = "<b>&lt;</b>"
    written = as_html(print_table("wild", markup, [Heading(markup)], [[markup]], [markup])).decode()
    assert "<b>" not in written
    assert written.count("&lt;b&gt;&amp;lt;&lt;/b&gt;") == 4


def test_a_long_label_is_not_cut():
    label = "word " * 400 + "end"
    files = print_tables(small_tables(label), BOOK, notice="")
    for name in ("topics.csv", "topics.tex", "topics.html"):
        assert label in files[name].decode("utf-8-sig"), name
    assert Document(io.BytesIO(files["topics.docx"])).tables[0].cell(1, 1).text == label


def test_themes_of_one_name_have_a_column_each():
    same = Codebook.model_validate(
        {"title": "Book", "themes": [{"id": name, "name": "Topic", "definition": "D."} for name in ("a", "b")]}
    )
    head = print_tables(small_tables(), same, notice="")["crosswalk.csv"].decode("utf-8-sig").splitlines()[0]
    assert head == "Topic,Label,Comments,Topic,Topic"


def test_a_finished_run_can_be_printed_without_its_comments(finished: Survey):
    run = load_run(finished.output)
    files = print_tables(run._public, run.codebook, notice=run.notice)
    assert {name.split(".")[0] for name in files} >= {"topics", "crosswalk", "prevalence", "agreement"}
    assert len(cells_of(files, "topics")) == len(run.topics)
    printed = {
        cell for name in files if name.endswith(".csv") for row in cells_of(files, name[:-4]) for cell in row.values()
    }
    assert not printed & (set(run.comments["text"]) | set(run.comments["comment_id"])) - {""}
