import numpy as np
import pandas as pd
import pytest

from pipeline.account import audit
from pipeline.account.audit import as_tables, audit_claims, codes_for_claim
from pipeline.account.outlook import NOT_GIVEN
from pipeline.codebook.codebook import DifferenceClaim, OrderClaim, ProminentClaim, ShareClaim

ENTRIES = ["staff", "money", "time"]
SHARES = {"staff": 0.4, "money": 0.25, "time": 0.1}

STATED = {"statement": "As the article has it.", "facet": "themes"}


def common(at_least, entry="staff", name="common"):
    return ProminentClaim(id=name, kind="prominent", entry=entry, at_least=at_least, **STATED)


def share(value, entry="staff", also=(), tolerance=0.05):
    return ShareClaim(id="share", kind="share", entry=entry, also=also, value=value, tolerance=tolerance, **STATED)


def order(*entries, tolerance=0.0):
    return OrderClaim(id="order", kind="order", order=entries, tolerance=tolerance, **STATED)


def difference(direction="higher", margin=0.0, entry="staff", group="Nurse", column="job"):
    return DifferenceClaim(
        id="difference", kind="difference", entry=entry, column=column, group=group, direction=direction,
        margin=margin, **STATED,
    )  # fmt: skip


def survey(seed, n=400, shares=SHARES, inside=0.4, apart=0.0, accuracy=0.6):
    """Return codes, reading and groups in random order, where comments have one entry at most and shares are exact.

    `apart` is how much more of the group's comments have the first entry than of the rest.
    """
    rng = np.random.default_rng(seed)
    n_inside = round(inside * n)
    codes = []
    for size, more in ((n_inside, (1 - inside) * apart), (n - n_inside, -inside * apart)):
        counts = [round((share + (more if at == 0 else 0)) * size) for at, share in enumerate(shares.values())]
        codes += [entry for entry, count in zip(shares, counts, strict=True) for _ in range(count)]
        codes += [""] * (size - sum(counts))
    moved = rng.random(n) >= accuracy
    read = np.array(codes, dtype=object)
    read[moved] = read[moved][rng.permutation(moved.sum())]
    at = rng.permutation(n)
    tables = [
        pd.DataFrame({entry: (row == entry).astype(float) for entry in shares}) for row in (np.array(codes), read)
    ]
    groups = pd.Series(np.where(np.arange(n) < n_inside, "Nurse", "Doctor"))
    return *(({"themes": table.iloc[at].reset_index(drop=True)}) for table in tables), {"job": groups.iloc[at]}


def first(codes, n):
    return {facet: table.iloc[:n] for facet, table in codes.items()}


def verdict(claim, codes, read, groups, **settings):
    return audit_claims([claim], [codes], read, groups, **settings).claims.iloc[0]


TRUE = [
    common(0.4), common(0.3), share(0.42), share(0.65, also=["money"]), order("staff", "money", "time"),
    order("money", "staff", tolerance=0.2), difference(margin=0.1), difference("lower", entry="money", margin=-0.0),
]  # fmt: skip
FALSE = [
    common(0.41), share(0.3), share(0.55, also=["money"]), order("staff", "time", "money"),
    order("money", "staff", tolerance=0.1), difference("lower"), difference(margin=0.25), difference(entry="time"),
]  # fmt: skip


@pytest.mark.thorough
def test_once_all_are_coded_every_claim_is_decided_by_its_exact_figures():
    for seed in range(3):
        codes, read, groups = survey(seed, apart=0.2)
        # Of money fewer of the group's comments have it: one of them is swapped with the rest.
        nurses = (groups["job"] == "Nurse").to_numpy()
        table = codes["themes"]
        table.loc[np.flatnonzero(nurses & (table["money"] == 1))[0], "money"] = 0.0
        table.loc[np.flatnonzero(~nurses & (table.sum(axis=1) == 0))[0], "money"] = 1.0
        for claims, wanted in ((TRUE, "confirmed"), (FALSE, "refuted")):
            for claim in claims:
                row = verdict(claim, codes, read, groups)
                assert (row["verdict"], row["coded"]) == (wanted, 400), claim
                assert row["after"] <= 400 and pd.isna(row["more"])


def test_equal_shares_are_at_least_one_another_and_no_difference():
    codes, read, groups = survey(0, shares={"staff": 0.25, "money": 0.25, "time": 0.1})
    assert verdict(order("staff", "money"), codes, read, groups)["verdict"] == "confirmed"
    assert verdict(order("money", "staff"), codes, read, groups)["verdict"] == "confirmed"
    assert verdict(difference("higher"), codes, read, groups)["verdict"] == "refuted"
    assert verdict(difference("lower"), codes, read, groups)["verdict"] == "refuted"


def test_what_all_codes_prove_outweighs_an_earlier_verdict():
    codes = {"themes": pd.DataFrame({"staff": np.repeat([1.0, 0.0], [40, 60])})}
    read = {"themes": pd.DataFrame({"staff": np.zeros(100)})}
    early = verdict(common(0.5), first(codes, 30), read, {})
    assert (early["verdict"], early["after"] < 30) == ("confirmed", True)
    assert early["e_value"] >= early["needed"] == pytest.approx(20)
    late = verdict(common(0.5), codes, read, {})
    assert (late["verdict"], late["after"], late["e_value"]) == ("refuted", 91, np.inf)


def test_a_verdict_stays_while_coding_goes_on():
    codes, read, groups = survey(1)
    rows = [verdict(common(0.25), first(codes, n), read, groups) for n in (100, 150, 200)]
    assert [row["verdict"] for row in rows] == ["confirmed"] * 3
    assert len({row["after"] for row in rows}) == len({row["e_value"] for row in rows}) == 1


def test_open_claims_say_how_many_more_comments_are_needed():
    codes, read, groups = survey(2)
    rows = [verdict(common(0.35), first(codes, n), read, groups) for n in (0, 9, 60)]
    assert [row["verdict"] for row in rows] == ["go on"] * 3
    assert all(pd.isna(row["after"]) for row in rows)
    assert [pd.isna(row["more"]) for row in rows] == [True, True, False]
    assert rows[0]["e_value"] == 1
    assert 1 <= rows[2]["more"] <= 340


def test_missing_codes_leave_a_claim_open_and_never_decide_it():
    codes, read, groups = survey(0)
    gaps = {"themes": codes["themes"].mask(pd.Series(np.random.default_rng(0).random(400) < 0.2), axis=0)}
    for claim in (common(0.4), common(0.41), order("staff", "money"), difference()):
        assert verdict(claim, gaps, read, groups)["verdict"] == "go on"
        assert pd.isna(verdict(claim, gaps, read, groups)["more"])
    assert verdict(common(0.1), gaps, read, groups)["verdict"] == "confirmed"
    assert verdict(common(0.9), gaps, read, groups)["verdict"] == "refuted"


def test_codes_of_several_coders_are_averaged_over_those_who_gave_one():
    codes, read, groups = survey(0)
    none = {"themes": codes["themes"] * 0}
    unsure = {"themes": codes["themes"] * np.nan}
    for claim, coders, wanted in (
        (common(0.2), [codes, none], "confirmed"),
        (common(0.21), [codes, none], "refuted"),
        (common(0.4), [codes, unsure], "confirmed"),
        (common(0.41), [unsure, codes], "refuted"),
        (order("staff", "money", tolerance=0.0), [codes, none], "confirmed"),
    ):
        assert audit_claims([claim], coders, read, groups).claims.loc[0, "verdict"] == wanted


def test_claims_without_a_number_or_without_codes_are_not_audited():
    codes, read, groups = survey(0)
    unknown = [
        common(None), common(0.2, entry="food"), difference(column="site"), difference(group="Cook"),
        common(0.2).model_copy(update={"facet": "outlook"}),
    ]  # fmt: skip
    audit = audit_claims([*unknown, common(0.3)], [codes], read, groups)
    assert audit.claims["claim"].tolist() == ["common"]
    # None of them takes a part of the risk.
    assert audit.claims["needed"].tolist() == pytest.approx([20])
    nothing = audit_claims(unknown, [codes], read, groups)
    assert nothing.claims.empty and nothing.paths.empty
    assert list(nothing.paths) == list(audit.paths)
    assert codes_for_claim(common(None), read, groups, seed=0) is None


def test_paths_have_a_row_for_each_claim_and_coded_comment():
    codes, read, groups = survey(0)
    claims = [common(0.3), order("staff", "time"), difference()]
    audit = audit_claims(claims, [first(codes, 50)], read, groups)
    assert audit.paths.groupby("claim", sort=False)["coded"].agg(list).to_dict() == {
        claim.id: list(range(1, 51)) for claim in claims
    }
    assert audit.claims["needed"].tolist() == pytest.approx([60, 60, 60])
    longer = audit_claims(claims, [first(codes, 80)], read, groups).paths.query("coded <= 50")
    assert longer.reset_index(drop=True).to_numpy()[:, 2:].astype(float) == pytest.approx(
        audit.paths.to_numpy()[:, 2:].astype(float)
    )


def test_comments_without_a_group_leave_a_difference_as_it_is():
    codes, read, groups = survey(0)
    unknown = np.random.default_rng(0).random(400) < 0.3
    groups = {"job": groups["job"].mask(unknown, NOT_GIVEN)}
    path = audit_claims([difference()], [first(codes, 60)], read, groups).paths["log_e_for"]
    steps = np.diff([0.0, *path])
    assert (steps[unknown[:60]] == 0).all()
    # Before there is anything to learn from, a bet on a comment without the entry is even.
    assert (steps[~unknown[:60]][5:] != 0).all()


def said(claims, seeds, stop=None, **settings):
    """Return the verdicts of an audit of each survey: a row for each survey, a column for each claim."""
    rows = []
    for seed in seeds:
        codes, read, groups = survey(seed, **settings)
        audit = audit_claims(claims, [first(codes, stop or len(codes["themes"]) - 1)], read, groups)
        rows.append(audit.claims["verdict"].tolist())
    return pd.DataFrame(rows, columns=[claim.id for claim in claims])


@pytest.mark.thorough
@pytest.mark.parametrize(
    "claim, settings",
    [(order("staff", "money", "time"), {}), (difference(), {"apart": 0.3}), (share(0.4, tolerance=0.15), {})],
)
def test_clear_claims_are_decided_before_all_is_coded(claim, settings):
    verdicts = said([claim], range(12), 300, **settings)[claim.id]
    assert (verdicts == "confirmed").mean() >= 0.7
    assert not (verdicts == "refuted").any()
    turned = {
        "order": order("time", "money", "staff"), "difference": difference("lower"), "share": share(0.15),
    }[claim.id]  # fmt: skip
    verdicts = said([turned], range(12), 300, **settings)[claim.id]
    assert (verdicts == "refuted").mean() >= 0.7
    assert not (verdicts == "confirmed").any()


# Each is false, by as little as can be: an entry's share is one comment short, or two shares are the same.
BARELY_FALSE = [
    common(0.41, name="staff"), common(0.26, entry="money", name="money"), common(0.11, entry="time", name="time"),
    difference(),
]  # fmt: skip


@pytest.mark.slow
def test_at_most_one_audit_in_twenty_says_anything_false():
    verdicts = said(BARELY_FALSE, range(400), n=100, inside=0.5)
    assert (verdicts == "confirmed").any(axis=1).mean() <= 0.05
    # One claim alone would be said more often than its part of the risk, were the risk not divided.
    assert (said(BARELY_FALSE[:1], range(400), n=100, inside=0.5) == "confirmed").to_numpy().mean() > 0.0125


@pytest.mark.slow
@pytest.mark.parametrize("claim", [order("staff", "money", "time"), difference()])
def test_an_order_or_a_difference_that_is_barely_false_is_seldom_confirmed(claim):
    verdicts = said([claim], range(400), n=100, shares={"staff": 0.25, "money": 0.26, "time": 0.1}, inside=0.5)
    assert (verdicts == "confirmed").to_numpy().mean() <= 0.05


@pytest.mark.thorough
def test_codes_for_a_claim_follow_from_how_clear_it_is():
    _, read, groups = survey(0, apart=0.3)

    def needed(claim, **settings):
        return codes_for_claim(claim, read, groups, n_simulations=9, seed=0, **settings)

    assert needed(common(0.25)) == needed(common(0.25))
    assert needed(common(0.25)) < needed(common(0.35)) <= 400
    assert needed(common(0.25), correlation=0.9) < needed(common(0.25), correlation=0.0)
    assert needed(common(0.25)) < needed(common(0.25), n_claims=6)
    # A claim that the reading has as false is refuted as soon as its contrary is confirmed.
    assert needed(difference("lower")) == needed(difference("higher"))


@pytest.mark.parametrize(("claim", "is_close"), [(common(0.2), False), (difference(), False), (common(0.399), True)])
def test_codes_for_a_claim_of_very_many_comments_are_about_those_of_all(claim, is_close, monkeypatch):
    _, read, groups = survey(0, n=4_000, apart=0.3)

    def needed():
        return codes_for_claim(claim, read, groups, n_simulations=21, seed=0)

    of_all = needed()
    assert (of_all > 2_000) == is_close
    monkeypatch.setattr(audit, "_MOST_SIMULATED", 1_000)
    assert needed() == pytest.approx(of_all, rel=0.3)
    assert needed() <= 4_000


def test_codes_for_a_claim_of_a_group_that_hardly_anybody_is_of_look_at_all(monkeypatch):
    _, read, groups = survey(0, apart=0.3)
    rare = pd.Series(["Nurse", *["Other"] * 399], index=groups["job"].index)
    monkeypatch.setattr(audit, "_MOST_SIMULATED", 5)
    assert codes_for_claim(difference(), read, {"job": rare}, n_simulations=3, seed=1) <= 400


@pytest.mark.thorough
def test_codes_for_a_claim_are_those_that_an_audit_takes():
    counts = []
    for seed in range(60):
        codes, read, groups = survey(seed, accuracy=0.6)
        counts.append(verdict(common(0.3), first(codes, 300), read, groups)["after"])
    planned = codes_for_claim(common(0.3), survey(0)[0], groups, correlation=0.6, n_simulations=60, seed=1)
    assert planned == pytest.approx(pd.Series(counts).fillna(300).median(), rel=0.3)


@pytest.mark.thorough
@pytest.mark.parametrize("claim", [common(0.33), share(0.4), order("staff", "money"), difference()])
def test_a_simulated_audit_that_is_looked_at_in_part_ends_where_the_whole_does(claim, monkeypatch):
    _, read, groups = survey(2, apart=0.1)
    found = []
    for look in (7, 400):
        monkeypatch.setattr(audit, "_FIRST_LOOK", look)
        found.append([codes_for_claim(claim, read, groups, n_simulations=1, seed=seed) for seed in range(8)])
    assert found[0] == found[1]
    assert len(set(found[0])) > 1


def test_the_tables_of_an_audit_have_evidence_as_a_part_of_what_decides():
    codes, read, groups = survey(3)
    found = audit_claims([common(0.1), share(0.9)], [first(codes, 400)], read, groups)
    claims, paths = as_tables(found)
    assert claims["verdict"].tolist() == ["confirmed", "refuted"]
    of_claim = paths[paths["claim"] == "common"]["evidence_for"].to_numpy()
    after = int(claims["after"].iloc[0])
    assert of_claim[after - 1] >= 1 > of_claim[: after - 1].max()
    # What the codes prove has infinite evidence, and no file holds infinity.
    assert np.isinf(found.paths["log_e_for"]).any()
    assert paths[["evidence_for", "evidence_against"]].to_numpy().max() == 2
    assert [len(table) for table in as_tables(audit_claims([], [first(codes, 9)], read, groups))] == [0, 0]
