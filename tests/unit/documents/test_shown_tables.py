import csv
import io
import re
import zipfile

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline import load_run
from pipeline.account.readings import UNCHECKED
from pipeline.codebook.codebook import Codebook
from pipeline.disclosure.joint_display import joint_display
from pipeline.documents.shown_tables import print_tables, shown_tables
from pipeline.tables.record import WHY_NOT_SHOWN, plain
from pipeline.tables.schema import empty
from tests.example_survey import Survey

NOTICE = "Made up & 100 % safe."
# Halves of characters, which no frame of texts holds, are replaced when a file is read.
WILD = st.text(
    st.one_of(
        st.sampled_from("\\{}&%$#_~^<>|\"'`[]*“”‘’–—-,=+@?!\t\r\n\x00\uffff "),
        st.characters(exclude_categories=["Cs"]),
    ),
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
        "repeatability": None,
        "theme": "a", "status": "matched", "fails": "", "nearest_theme": "a", "fit": -0.004, "q_value": 0.0004,
        "mapping_robustness": 0.634, "settled": False,
    }  # fmt: skip
    fits = [
        {"topic": 0, "theme": "a", "fit": 0.456, "matched": True},
        {"topic": 0, "theme": "b", "fit": -0.123, "matched": False},
    ]
    theme = {
        "theme": "a", "name": "A", "published_rank": 1, "coded": 9, "reading": "coded", "by": "ann", "comments": 1000,
        "count": 163, "share": 0.163, "low": 0.137, "high": 0.194, "n_by_topics": 210, "share_by_topics": 0.21,
        "n_by_comments": 120, "share_by_comments": 0.12,
    }  # fmt: skip
    pair = {"first": "ann", "second": "machine", "facet": "themes", "comments": "all coded", "n": 40}
    agreement = [
        {**pair, "measure": "cohen_kappa", "value": 0.125, "low": -0.051, "high": 0.3},
        {**pair, "measure": "accuracy", "value": 0.7, "low": None, "high": None},
        {**pair, "second": "", "measure": "ami", "value": 0.2, "low": 0.1, "high": 0.3},
    ]
    claim = {
        "claim": "c",
        "statement": "S.",
        "note": "Read so",
        "facet": "themes",
        "reading": "coded",
        "claimed": "C",
        "n": 9,
        "shown": "W.",
        "verdict": "supported",
        "reason": "R.",
    }
    made = {
        "topics": [topic], "crosswalk": fits, "prevalence": [theme], "agreement": agreement, "claims": [claim],
    }  # fmt: skip
    frames = {
        name: empty(name)
        for name in ("coarse_topics", "diagnosis", "coded", "outlook", "article", "claim_pairs", "audit")
    }
    frames |= {name: pd.DataFrame(rows) for name, rows in made.items()}
    frames["quotations"] = pd.DataFrame(
        [{"topic": 0, "label": "Beds", "theme": "", "comment_themes": "B; A", "quotation": "No beds.",
          "attribution": "a nurse"},
         {"topic": -1, "label": "", "theme": "", "comment_themes": "", "quotation": "All well.", "attribution": ""}]
    )  # fmt: skip
    frames["joint_display"] = joint_display(frames, BOOK)
    return {**frames, "groups": small_groups(), "group_tests": small_tests(), **changes}


def small_groups():
    rows = [
        {"column": "site", "group": group, "facet": facet, "entry": "0", "comments": comments, "count": 20,
         "reading": "topics" if facet == "topics" else "coded",
         "share": 0.2, "low": 0.1, "high": 0.3, "rest_share": 0.1, "difference": 0.1, "difference_low": 0.02,
         "difference_high": 0.2, "p_value": q, "q_value": q}
        for group, comments in (("North", 100), ("Tiny", 3), ("Small", 4))
        for facet, q in (("topics", 0.05), ("mood", 0.01), ("themes", 0.051))
    ]  # fmt: skip
    table = pd.DataFrame(rows).drop(columns="rest_share").convert_dtypes().astype({"entry": object})
    hidden = table["group"] != "North"
    for name in table.columns.difference(["column", "group", "facet", "entry"]):
        table[name] = table[name].mask(hidden)
    return table.assign(suppressed=hidden)


def small_tests():
    row = {"column": "site", "facet": "themes", "method": "chi-squared", "statistic": 4.0, "df": 2, "q_value": 0.0001}
    return pd.DataFrame([row, {**row, "facet": "mood", "method": "", "q_value": None}])


def files_of(tables, codebook, *, notice):
    return print_tables(shown_tables(tables, codebook, analysed="1000"), codebook, notice=notice)


def cells_of(files, name):
    head, *rows = csv.reader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"), newline=""))
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def files():
    return files_of(small_tables(), BOOK, notice=NOTICE)


@pytest.mark.thorough
def test_topics_as_a_journal_prints_them(files):
    assert cells_of(files, "topics") == [
        {"Topic": "0", "Label": "Beds", "Keywords": "bed, ward", "Comments": "30", "Share": "30%", "Stability": "–",
         "Repeatability": "–", "Theme": "A", "Fit": "0.00", "q": "<0.001", "Re-runs": "63% (doubtful)"}
    ]  # fmt: skip


def test_who_answered_has_the_counts_of_the_public_groups_and_no_others(files):
    assert cells_of(files, "who_answered") == [
        {"Characteristic": "All comments", "Group": "", "Comments": "1,000", "Share": "100%"},
        {"Characteristic": "site", "Group": "North", "Comments": "100", "Share": "10%"},
        {"Characteristic": "", "Group": "Tiny", "Comments": "not shown", "Share": "not shown"},
        {"Characteristic": "", "Group": "Small", "Comments": "not shown", "Share": "not shown"},
    ]
    nobody = small_tables(groups=small_groups()[:0])
    assert "who_answered.csv" not in files_of(nobody, BOOK, notice=NOTICE)


def test_without_a_total_that_may_be_said_who_answered_has_no_shares():
    table = shown_tables(small_tables(), BOOK, analysed="not shown")["who_answered"]
    assert [row[3] for row in table.rows] == ["not shown"] * 4
    assert table.rows[0][2] == "not shown"


def test_the_codebook_shows_phrases_that_somebody_has_looked_at_alone(files):
    assert cells_of(files, "codebook") == [{"Theme": "A", "Definition": "D."}, {"Theme": "B", "Definition": "D."}]
    themes = [{"id": "a", "name": "A", "definition": "D.", "examples": ["No bed", "too few of them"]},
              {"id": "b", "name": "B", "definition": "D.", "excludes": ["beds"]}]  # fmt: skip
    book = Codebook.model_validate({"title": "Book", "themes": themes})
    table = shown_tables(small_tables(), book, printable=book)["codebook"]
    assert [heading.text for heading in table.headings] == ["Theme", "Definition", "Excludes", "Examples"]
    assert table.rows[0][2:] == ("–", "No bed; too few of them")
    assert table.notes == ()
    fewer = book.model_copy(update={"themes": (book.themes[0].model_copy(update={"examples": ("No bed",)}),
                                               book.themes[1])})  # fmt: skip
    table = shown_tables(small_tables(), book, printable=fewer)["codebook"]
    assert table.rows[0][3] == "No bed"
    assert "left out" in table.notes[0]


def test_a_quotation_stands_under_each_of_its_themes_with_who_said_it(files):
    said = [(row["Theme"], row["Quotation"], row["Who said it"], row["Topic"]) for row in cells_of(files, "quotations")]
    assert said == [("A", "“No beds.”", "a nurse", "Beds"), ("B", "“No beds.”", "a nurse", "Beds"),
                    ("No theme", "“All well.”", "–", "–")]  # fmt: skip


def test_without_attributions_there_is_no_column_of_them():
    quotations = small_tables()["quotations"].assign(attribution="")
    headings = [one.text for one in shown("quotations", quotations=quotations).headings]
    assert headings == ["Theme", "Quotation", "Topic"]


def test_the_joint_display_has_what_was_said_beside_how_often(files):
    first, second = cells_of(files, "joint_display")
    assert (first["Coded"], first["Machine"]) == ("16% (14–19%)", "12% / 21%")
    assert first["What respondents said"] == second["What respondents said"] == "“No beds.” (a nurse)"
    assert (second["Coded"], second["Machine"], second["The article’s claims"]) == ("–", "– / –", "–")


def test_the_crosswalk_is_wide_with_marks(files):
    (row,) = cells_of(files, "crosswalk")
    assert (row["A"], row["B"], row["Comments"]) == ("†0.46", "−0.12", "30")
    tables = small_tables()
    reversed_rows = {**tables, "crosswalk": tables["crosswalk"][::-1]}
    assert cells_of(files_of(reversed_rows, BOOK, notice=NOTICE), "crosswalk") == [row]


def test_shares_carry_their_intervals(files):
    (row,) = cells_of(files, "prevalence")
    assert row["Coded"] == "16% (14–19%)"
    assert (row["Machine, by comment"], row["Machine, by topic"]) == ("12%", "21%")
    assert "How common each theme is (of 1000 comments): coded." in files["prevalence.html"].decode()
    assert "Coded by ann. The ranges are 95% intervals." in files["prevalence.html"].decode()


def test_a_reading_that_nobody_checked_is_called_so_and_has_no_interval():
    prevalence = small_tables()["prevalence"].assign(reading=UNCHECKED, by="", low=None, high=None)
    table = shown("prevalence", prevalence=prevalence)
    assert [heading.text for heading in table.headings] == [
        "Theme", "Place in the article", "Machine, by comment", "Machine, by topic"
    ]  # fmt: skip
    assert table.rows == (("A", "1", "12%", "21%"),)
    assert table.caption.endswith("machine reading, unchecked.")
    assert not any("95%" in note for note in table.notes)


def test_an_order_is_shown_pair_by_pair_by_its_names():
    pairs = pd.DataFrame([{"claim": "c", "earlier": "a", "later": "b", "difference": -0.03, "low": -0.05,
                           "high": -0.01, "verdict": "not supported"}])  # fmt: skip
    assert shown("claim_pairs", claim_pairs=pairs).rows == (("A", "B", "−3 (−5 to −1)", "not supported"),)


def audited(**changes):
    row = {"claim": "c", "verdict": "confirmed", "coded": 120, "after": 65, "more": None, "suppressed": False}
    return pd.DataFrame([row | changes]).astype({"after": "Int64", "more": "Int64"})


def test_the_audit_is_shown_with_its_claim_and_who_coded():
    table = shown("audit", audit=audited())
    assert table.rows == (("S.", "confirmed", "120", "65"),)
    assert table.caption.startswith("The audit of the claims, by what ")
    assert shown("audit", audit=audited(verdict="go on", after=None, more=30)).rows == (
        ("S.", "go on", "120", "–", "30"),
    )
    hidden = shown("audit", audit=audited(verdict="", after=None, suppressed=True))
    assert hidden.rows[0][1] == "not shown" and hidden.rows[0][3] != "65"


def test_agreement_is_wide_and_partitions_stand_apart(files):
    (row,) = cells_of(files, "agreement")
    assert list(row) == ["Who is compared", "On what", "Which comments", "Comments (n)", "Same code", "Cohen’s kappa"]
    assert (row["Same code"], row["Cohen’s kappa"]) == ("70%", "0.12 (−0.05 to 0.30)")
    assert [(row["Who is compared"], row["AMI"]) for row in cells_of(files, "agreement_partitions")] == [
        ("ann", "0.20 (0.10–0.30)")
    ]


def test_groups_that_differ_and_groups_that_are_hidden(files):
    rows = cells_of(files, "groups")
    assert [(row["Group"], row["What they say"], row["q"]) for row in rows] == [
        ("North", "Mood: Glad", "0.010"), ("North", "topic “Beds”", "0.050"),
        ("Tiny", "all", "not shown"), ("Small", "all", "not shown"),
    ]  # fmt: skip
    assert {row["Comments"] for row in rows[2:]} == {"not shown"}
    assert rows[0]["Difference, points"].removeprefix("'") == "+10 (+2 to +20)"
    text = files["groups.tex"].decode()
    assert "Of 3 comparisons in groups.csv, 2 differ" in text
    assert "site and themes (chi-squared)" in text
    assert "mood (" not in text


def test_a_small_group_is_told_of_by_no_number():
    files = files_of(small_tables(), BOOK, notice="")
    row = next(row for row in cells_of(files, "groups") if row["Group"] == "Tiny")
    assert not any(re.search(r"\d", cell) for cell in row.values())
    line = next(line for line in files["groups.tex"].decode().splitlines() if "Tiny" in line)
    assert not re.search(r"\d", line)


def test_captions_and_notes_say_n_and_the_notice(files):
    for name in ("topics", "prevalence"):
        assert "(of 1000 comments)" in files[f"{name}.html"].decode()
    for name, content in files.items():
        if name.endswith(".html"):
            assert "Made up &amp; 100 % safe." in content.decode(), name
        elif name.endswith(".tex"):
            assert r"Made up \& 100 \% safe." in content.decode(), name
        elif name.endswith(".docx"):
            assert Document(io.BytesIO(content)).paragraphs[-1].text == NOTICE, name


def test_tables_without_rows_have_no_files():
    empty = {name: frame.iloc[:0] for name, frame in small_tables().items()}
    assert {name.split(".")[0] for name in files_of(empty, BOOK, notice=NOTICE)} == {"codebook"}
    groups = small_groups().assign(q_value=0.2)
    assert "groups.csv" not in files_of(small_tables(groups=groups), BOOK, notice=NOTICE)


def test_a_number_that_was_not_measured_is_a_dash_and_a_count_is_hidden():
    blank = small_tables()["topics"].assign(size=None, share=None, fit=None, q_value=None, mapping_robustness=None)
    (row,) = cells_of(files_of(small_tables(topics=blank), BOOK, notice=""), "topics")
    assert {row[name] for name in ("Share", "Stability", "Fit", "q", "Re-runs")} == {"–"}
    assert row["Comments"] == "not shown"
    (row,) = cells_of(files_of(small_tables(topics=blank.assign(suppressed=True)), BOOK, notice=""), "topics")
    assert row["Share"] == "not shown"


def test_an_unmapped_topic_names_its_nearest_theme():
    topics = small_tables()["topics"].assign(theme="unmapped", status="unmapped", settled=True)
    (row,) = cells_of(files_of(small_tables(topics=topics), BOOK, notice=""), "topics")
    assert (row["Theme"], row["Re-runs"]) == ("none (nearest: A)", "63%")


def test_inputs_stay_as_they_were():
    tables = small_tables()
    before = {name: frame.copy() for name, frame in tables.items()}
    files_of(tables, BOOK, notice=NOTICE)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_word_has_a_real_table_whose_head_repeats(files):
    document = Document(io.BytesIO(files["crosswalk.docx"]))
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Topic", "Label", "Comments", "A", "B"], ["0", "Beds", "30", "†0.46", "−0.12"],
    ]  # fmt: skip
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] == [True, False]
    assert document.paragraphs[0].style.name == "Caption"
    assert document.paragraphs[0].text.startswith("How well each theme fits each topic")
    assert (document.core_properties.author, document.core_properties.created.year) == ("", 2000)


def test_two_calls_give_the_same_bytes(files, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert files_of(small_tables(), BOOK, notice=NOTICE) == files
    with zipfile.ZipFile(io.BytesIO(files["topics.docx"])) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


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


@pytest.mark.thorough
@given(st.lists(WILD, min_size=1, max_size=3), WILD)
@example(["=1+1", "\t@SUM(A1)", "\r\n+1"], "-cmd")
@settings(max_examples=5)
def test_no_cell_of_the_csv_begins_a_formula(labels, notice):
    topics = pd.concat([small_tables(label)["topics"].assign(topic=place) for place, label in enumerate(labels)])
    rows = cells_of(files_of(small_tables(topics=topics), BOOK, notice=notice), "topics")
    assert [row["Label"].removeprefix("'") for row in rows] == [plain(label).removeprefix("'") for label in labels]
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())


def test_a_long_label_is_not_cut():
    label = "word " * 400 + "end"
    files = files_of(small_tables(label), BOOK, notice="")
    for name in ("topics.csv", "topics.tex", "topics.html"):
        assert label in files[name].decode("utf-8-sig"), name
    assert Document(io.BytesIO(files["topics.docx"])).tables[0].cell(1, 1).text == label


def test_themes_of_one_name_have_a_column_each():
    same = Codebook.model_validate(
        {"title": "Book", "themes": [{"id": name, "name": "Topic", "definition": "D."} for name in ("a", "b")]}
    )
    head = files_of(small_tables(), same, notice="")["crosswalk.csv"].decode("utf-8-sig").splitlines()[0]
    assert head == "Topic,Label,Comments,Topic,Topic"


@pytest.mark.thorough
def test_a_finished_run_can_be_printed_without_its_comments(finished: Survey):
    run = load_run(finished.output)
    files = files_of(run._public, run.codebook, notice=run.notice)
    assert {name.split(".")[0] for name in files} >= {"topics", "crosswalk", "prevalence", "agreement"}
    assert len(cells_of(files, "topics")) == len(run.topics)
    printed = {
        cell for name in files if name.endswith(".csv") for row in cells_of(files, name[:-4]) for cell in row.values()
    }
    assert not printed & (set(run.comments["text"]) | set(run.comments["comment_id"])) - {""}


def outlook_of(rows):
    return pd.DataFrame(
        [{"group": group, "entry": "positive", "comments": comments, "share": share, "low": share, "high": share,
          "reading": "coded", "published_share": published, "suppressed": share is None}
         for group, comments, share, published in rows]
    ).astype({"comments": "Int64", "share": float, "low": float, "high": float, "published_share": float})  # fmt: skip


def shown(name, **changes):
    return shown_tables(small_tables(**changes), BOOK)[name]


def test_a_group_whose_share_is_not_shown_keeps_the_base_that_is():
    outlook = outlook_of([("All", 90, 0.2, 0.25), ("Base", 30, None, None), ("Few", None, None, None)])
    table = shown("outlook", outlook=outlook)
    assert table.rows == (
        ("All", "90", "20% (20–20%)", "25%"), ("Base", "30", "not shown", "–"), ("Few", "not shown", "not shown", "–"),
    )  # fmt: skip
    assert table.notes[-1] == WHY_NOT_SHOWN


def test_the_entries_of_an_outlook_stand_apart_beside_the_first():
    mixed, negative = outlook_of([("All", 90, 0.1, None)]), outlook_of([("All", 90, None, None)])
    outlook = pd.concat(
        [outlook_of([("All", 90, 0.2, 0.25)]), mixed.assign(entry="mixed"), negative.assign(entry="negative")]
    )
    table = shown("outlook", outlook=outlook)
    assert table.rows == (("All", "90", "20% (20–20%)", "25%", "10%", "not shown"),)
    assert [heading.text for heading in table.headings[-2:]] == ["Mixed", "Negative"]


def test_what_does_not_apply_is_not_said_to_be_hidden():
    table = small_tables()["prevalence"]
    outlier = table.assign(theme="outlier", reading="", by="", share=None, low=None, high=None, share_by_comments=None)
    both = pd.concat([table, outlier], ignore_index=True)
    assert shown("prevalence", prevalence=both).rows[1][2:] == ("–", "–", "21%")


def test_the_shares_by_each_persons_codes_stand_beside_the_methods():
    found = (("ann", "a", 0.2), ("ben", "a", None), ("cy", "b", 0.2))
    coded = pd.DataFrame(found, columns=["coder", "theme", "share"]).assign(low=0.1, high=0.3, kind="person")
    coded.loc[coded["coder"] == "ben", "kind"] = "model"
    table = shown("prevalence", coded=coded)
    assert [heading.text for heading in table.headings[-5:-2]] == ["By ann", "By ben (a model)", "By cy"]
    assert table.rows[0][-5:-2] == ("20% (10–30%)", "not shown", "–")


def test_a_claim_says_what_is_read_into_the_article():
    claims = small_tables()["claims"]
    rows = shown("claims", claims=pd.concat([claims, claims.assign(note="")])).rows
    assert [row[0] for row in rows] == ["S. (Read so.)", "S."]


def test_agreement_that_is_hidden_is_told_from_what_was_not_measured():
    agreement = small_tables()["agreement"].assign(n=pd.array([None] * 3, dtype="Int64"), value=None)
    assert shown("agreement", agreement=agreement).rows[0][3:] == ("not shown", "–", "–")
    hidden = agreement.assign(suppressed=True)
    assert shown("agreement", agreement=hidden).rows[0][3:] == ("not shown",) * 3


def test_a_comparison_of_which_some_measures_are_hidden_is_one_row():
    agreement = small_tables()["agreement"].iloc[:2].assign(n=pd.array([40, None], dtype="Int64"))
    agreement = agreement.assign(suppressed=[False, True], value=[0.125, None], low=[-0.051, None], high=[0.3, None])
    assert shown("agreement", agreement=agreement).rows == (
        ("ann and machine", "main theme", "all coded", "40", "not shown", "0.12 (−0.05 to 0.30)"),
    )


def test_the_report_shows_what_is_asked_first_of_the_agreement(finished: Survey):
    run = load_run(finished.output)
    tables = shown_tables(run._public, run.codebook)
    first, full = tables["agreement"], tables["agreement_in_full"]
    assert 0 < len(first.rows) < len(full.rows)
    assert {row[:4] for row in first.rows} <= {row[:4] for row in full.rows}


def test_each_theme_was_found_in_one_topic_in_several_or_in_none():
    rows = [("A", "resolved", "0", True), ("B", "missing", "", False)]
    found = pd.DataFrame(rows, columns=["name", "verdict", "with", "settled"]).assign(kind="theme", comments=9)
    assert shown("diagnosis", diagnosis=found).rows == (
        ("A", "in one topic", "Beds", "9"), ("B", "in no topic (doubtful)", "", "9"),
    )  # fmt: skip


def test_a_leaning_topic_says_what_keeps_it_from_a_match_and_is_no_candidate():
    topics = small_tables()["topics"].assign(theme="unmapped", status="leaning", fails="shuffled; re-runs")
    files = files_of(small_tables(topics=topics), BOOK, notice="")
    (row,) = cells_of(files, "topics")
    why = "shuffled phrases of the codebook stand out as clearly; too few re-runs repeat it"
    assert row["Theme"] == f"leans to A ({why})"
    assert "candidates.csv" not in files
