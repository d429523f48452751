import io
import re
from html.parser import HTMLParser

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tables.csv_files import as_csv
from pipeline.tables.html import as_html
from pipeline.tables.latex import as_latex, escaped, whole_number
from pipeline.tables.markdown import as_markdown
from pipeline.tables.numbers import count, decimal
from pipeline.tables.record import WHY_NOT_SHOWN, Heading, figures, plain, record, record_of, words
from pipeline.tables.word import as_word

WILD = st.text(
    st.one_of(st.sampled_from("\\{}&%$#_~^<>|\"'`[]*“”‘’–—-,=+@?!\t\r\n\x00\ud800\uffff "), st.characters()),
    max_size=12,
)


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


@pytest.mark.thorough
@given(st.lists(st.tuples(WILD, WILD), min_size=1, max_size=4), WILD)
@settings(max_examples=25, deadline=None)
def test_no_text_is_lost_in_any_form(rows, head):
    table = record("wild", head, [Heading(head), Heading("n", True)], rows, [head])
    texts = [[plain(head), "n"], *([plain(cell) for cell in row] for row in rows)]
    document = Document(io.BytesIO(as_word(table)))
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == texts
    html = Cells(as_html(table))
    assert html.cells == [cell for row in texts for cell in row]
    assert html.scopes == ["col", "col"]
    written = as_latex(table).decode()
    for row in texts[1:]:
        assert (
            rf"\raggedright {escaped(row[0])} & \raggedleft {escaped(whole_number(row[1]))} \tabularnewline" in written
        )
    for letters in (10, 100, 1000):
        assert sum(table.widths(letters)) == pytest.approx(1)
        assert min(table.widths(letters)) > 0


def test_no_number_is_broken_but_before_its_interval():
    assert whole_number("0.04 (−0.01 to 0.09)") == "0.04 (−0.01\u00a0to\u00a00.09)"
    assert whole_number("21% / 17%") == "21%\u00a0/\u00a017%"
    table = record("t", "c", [Heading("n", True)], [["0.04 (−0.01 to 0.09)"], ["not shown"]])
    assert table.least_letters == (len("(−0.01 to 0.09)") + 2,)
    assert "0.04 ($-$0.01~to~0.09)" in as_latex(table).decode()
    # A head may be broken: it is made of words.
    assert (
        r"\raggedleft Same code, main or further"
        in as_latex(record("t", "c", [Heading("Same code, main or further", True)], [["1"]])).decode()
    )


@pytest.mark.parametrize(("columns", "lies"), [(2, False), (3, True)])
def test_a_table_of_several_columns_of_long_texts_lies(columns, lies):
    said = " ".join(["word"] * 40)
    table = record("t", "c", [Heading(f"Text {n}") for n in range(columns)], [[said] * columns])
    assert table.has_long_cells is lies
    assert (r"\begin{landscape}" in as_latex(table).decode()) is lies
    assert (Document(io.BytesIO(as_word(table))).sections[0].page_width.mm > 290) is lies


def test_no_word_and_no_number_is_wider_than_its_column_where_all_fit():
    table = record(
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

    assert size_of(record("t", "c", [Heading("Label"), Heading("n", True)], [["word", "1"]], [])) == 9
    wide = record("wide", "w", [Heading(f"Heading{n:02d}") for n in range(20)], [["word"] * 20], [])
    assert size_of(wide) < 9


def test_a_table_too_wide_for_an_upright_page_lies_in_letters_that_can_be_read():
    def latex_of(columns):
        return as_latex(record("t", "c", [Heading(f"Head{n:02d}") for n in range(columns)], [], [])).decode()

    upright, wide, widest = latex_of(10), latex_of(14), latex_of(24)
    for text in (upright, wide):
        assert r"{\footnotesize" in text
    assert "landscape" not in upright
    assert "pdflscape" not in upright
    for text in (wide, widest):
        assert r"\usepackage{booktabs,longtable,pdflscape}" in text
        assert text.index(r"\begin{landscape}") < text.index(r"\begin{longtable}")
        assert text.endswith("}\n\\end{landscape}\n")


def test_html_takes_no_text_for_markup():
    markup = "<b>&lt;</b>"
    written = as_html(record("wild", markup, [Heading(markup)], [[markup]], [markup]))
    assert "<b>" not in written
    assert written.count("&lt;b&gt;&amp;lt;&lt;/b&gt;") == 6


def test_what_cannot_be_printed_becomes_a_space():
    assert (plain("\t=1\r\nb\x00"), plain(None)) == ("=1  b", "–")


def test_a_suppressed_row_says_that_its_numbers_are_not_shown_and_a_note_says_why():
    columns = [words("Name", "name"), figures("n", count, "n"), figures("Fit", decimal, "fit")]
    rows = [{"name": "a", "n": 1200, "fit": None}, {"name": "b", "n": None, "fit": None, "suppressed": True}]
    shown = record_of("t", "c", rows, columns, ["Note.", ""])
    assert shown.rows == (("a", "1,200", "–"), ("b", "not shown", "not shown"))
    assert shown.notes == ("Note.", WHY_NOT_SHOWN)
    assert record_of("t", "c", rows[:1], columns).notes == ()


def test_html_is_a_region_that_can_be_scrolled_by_keyboard_and_has_a_name():
    written = as_html(record("t", "What it shows", [Heading("A"), Heading("n", True)], [["x", "1"]], ["Note."]))
    assert '<div class="scroll" tabindex="0" role="region" aria-label="What it shows">' in written
    assert "<caption><span>What it shows</span></caption>" in written
    assert '<td class="number" data-label="n">1</td>' in written
    assert '<p class="table-note">Note.</p>' in written
    assert as_html(record("t", "c", [Heading("A")], [])) == ""


def test_markdown_and_csv_keep_every_cell_in_its_column():
    table = record("t", "c", [Heading("A|B"), Heading("n", True)], [["x | y", "1"]], ["N."])
    assert as_markdown(table) == "c\n\n| A\\|B | n |\n|---|---:|\n| x \\| y | 1 |\n\nN.\n"
    assert as_csv(table).decode("utf-8-sig") == "A|B,n\nx | y,1\n"


def wide_record(columns, *, keys):
    headings = [
        Heading("Topic", True),
        Heading("Label"),
        *(Heading(f"Interoperability {n}", True) for n in range(columns)),
    ]
    rows = [["0", "Mixed: laptop and password", *(f"0.{n:02d}" for n in range(columns))]]
    return record("crosswalk", "Fits.", headings, rows, ["A note."], keys=keys)


def test_a_table_that_no_page_holds_stands_in_parts_each_with_its_key_columns_and_every_number_once():
    table = wide_record(40, keys=2)
    parts = table.parts(150)
    assert len(parts) > 1
    assert all(sum(part.least_letters) <= 150 for part in parts)
    assert all(part.rows[0][:2] == table.rows[0][:2] for part in parts)
    assert [cell for part in parts for cell in part.rows[0][2:]] == list(table.rows[0][2:])
    assert [part.notes for part in parts] == [()] * (len(parts) - 1) + [("A note.",)]
    assert parts[0].caption == f"Fits. Part 1 of {len(parts)}."


@pytest.mark.parametrize("table", [wide_record(40, keys=0), wide_record(3, keys=2)])
def test_a_table_that_fits_or_has_no_keys_stays_whole(table):
    assert table.parts(150) == (table,)


def test_word_and_latex_hold_every_part():
    table = wide_record(40, keys=2)
    document = Document(io.BytesIO(as_word(table)))
    assert len(document.tables) > 1
    assert {len(one.rows) for one in document.tables} == {2}
    latex = as_latex(table).decode()
    assert latex.count(r"\begin{longtable}") == latex.count(r"\addtocounter{table}{-1}") + 1 > 1
    assert latex.count(r"\label{") == 1
    assert latex.count("A note.") == 1


def test_no_column_of_text_is_so_narrow_that_its_lines_have_three_letters():
    table = record("t", "T.", [Heading("A"), Heading("N", True)], [["to be or not to be in it at all", "1"]])
    assert table.least_letters[0] >= 12


@pytest.mark.parametrize("columns", [2, 10])
def test_in_word_an_interval_is_never_torn(columns):
    said = "0.65 (0.61–0.69)"
    headings = [Heading("Compared"), *(Heading(f"Measure {n}", True) for n in range(columns - 1))]
    table = record("t", "Agreement.", headings, [["one and the other", *[said] * (columns - 1)]])
    cells = [cell.text for cell in Document(io.BytesIO(as_word(table))).tables[0].rows[1].cells]
    assert set(cells[1:]) == {said if columns == 2 else said.replace(" (", "\n(")}
    # Words in brackets are no interval.
    table = record("t", "Agreement.", headings, [["x", *["a name (of something)"] * (columns - 1)]])
    cells = [cell.text for cell in Document(io.BytesIO(as_word(table))).tables[0].rows[1].cells]
    assert set(cells[1:]) == {"a name (of something)"}
