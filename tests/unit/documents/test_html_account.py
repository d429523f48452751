import pandas as pd

from pipeline import load_run
from pipeline.documents.html_account import claims_table, outlook_table, routes_table
from tests.example_survey import Survey
from tests.unit.documents.html_pages import cells

WHY = "Not shown: small counts are hidden to protect respondents."


def outlook_of(rows):
    return pd.DataFrame(
        [{"group": group, "entry": "positive", "comments": comments, "share": share, "low": share, "high": share,
          "published_share": published, "suppressed": share is None} for group, comments, share, published in rows]
    ).astype({"comments": "Int64", "share": float, "low": float, "high": float, "published_share": float})  # fmt: skip


def test_a_group_whose_share_is_not_shown_keeps_the_base_that_is():
    outlook = outlook_of([("All", 90, 0.2, 0.25), ("Base", 30, None, None), ("Few", None, None, None)])
    page = outlook_table(outlook).replace("\u00a0", " ")
    assert cells(page) == [
        ["All", "90", "20 %", "20–20 %", "25 %"],
        ["Base", "30", "not shown", "", "–"],
        ["Few", "not shown", "not shown", "", "–"],
    ]
    assert page.count(WHY) == 2, "once in the caption, and once in the name that the region takes from it"


def test_the_entries_of_an_outlook_stand_apart_beside_the_first():
    outlook = pd.concat(
        [outlook_of([("All", 90, 0.2, 0.25)]), outlook_of([("All", 90, 0.1, None)]).assign(entry="mixed"),
         outlook_of([("All", 90, None, None)]).assign(entry="negative")]
    )  # fmt: skip
    page = outlook_table(outlook).replace("\u00a0", " ")
    assert cells(page) == [["All", "90", "20 %", "20–20 %", "25 %", "10 %", "not shown"]]
    assert '>Mixed</th><th scope="col" class="number">Negative</th>' in page


def test_what_does_not_apply_is_not_said_to_be_left_out(finished: Survey):
    run = load_run(finished.output)
    rows = {row[0]: row for row in cells(routes_table(run.prevalence, run.coded))}
    assert rows["In no topic"][2] == "–"


def test_the_shares_by_each_persons_codes_stand_beside_the_routes(finished: Survey):
    run = load_run(finished.output)
    coders = run.coded["coder"].unique().tolist()
    assert coders
    hidden = run.coded.assign(share=run.coded["share"].mask(run.coded.index == 0))
    page = routes_table(run.prevalence, hidden).replace("\u00a0", " ")
    assert f">By {coders[0]}</th>" in page
    first = cells(page)[0]
    assert len(first) == 5 + len(coders)
    assert first[5] == "not shown"
    second = run.coded.iloc[1]
    assert cells(page)[1][5].startswith(f"{100 * second['share']:.0f} % (")
    assert cells(page)[-1][5] == "–"
    assert "By a person" not in routes_table(run.prevalence, run.coded[:0])


def test_a_claim_says_what_is_read_into_the_account():
    claim = {"statement": "Money is short.", "note": "Read so.", "claimed": "C", "shown": "S", "verdict": "V",
             "reason": "R"}  # fmt: skip
    rows = cells(claims_table(pd.DataFrame([claim, {**claim, "note": ""}])))
    assert [row[0] for row in rows] == ["Money is short. (Read so.)", "Money is short."]
