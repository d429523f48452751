import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline.disclosure.flow import shown_flow, shown_note
from pipeline.disclosure.numbers import NOT_SHOWN
from pipeline.disclosure.rounding import Rules
from scipy.optimize import linprog

from tests.unit.disclosure.example_tables import IDLE

FEW = "fewer than 8"


def counted(*, distinct=600, folded=44, **dropped):
    analysed = distinct + folded
    return {"received": analysed + sum(dropped.values()), "analysed": analysed, "distinct": distinct, "folded": folded,
            "dropped": dropped}  # fmt: skip


@pytest.mark.parametrize("rules", [None, IDLE])
def test_without_rules_every_count_is_exact(rules):
    flow = shown_flow(counted(distinct=1203, folded=3, empty=1), rules)
    assert (flow.received.text, flow.analysed.text, flow.distinct.text) == ("1,207", "1,206", "1,203")
    assert (flow.folded.value, flow.dropped_total.value) == (3, 1)
    assert str(flow.dropped["empty"]) == "1"
    assert flow.is_exact
    assert flow.note == ""


def test_large_counts_are_rounded_each_by_itself():
    flow = shown_flow(counted(distinct=1203, folded=44, empty=12, short=33), Rules())
    assert (flow.received.text, flow.analysed.text, flow.distinct.text) == ("1,290", "1,245", "1,205")
    assert (flow.folded.value, flow.dropped_total.value) == (45, 45)
    assert {reason: count.text for reason, count in flow.dropped.items()} == {"empty": "10", "short": "35"}
    assert flow.note == "Counts are rounded to the nearest 5."
    assert not flow.is_exact


def test_a_small_reason_takes_another_with_it():
    flow = shown_flow(counted(empty=3, short=33, nothing=50), Rules())
    assert [flow.dropped[reason].text for reason in ("empty", "short", "nothing")] == [FEW, NOT_SHOWN, "50"]
    assert flow.dropped_total.value == 85
    assert flow.received.value == 730
    assert "left out" in flow.note


def test_a_small_reason_alone_is_not_received_less_analysed():
    flow = shown_flow(counted(empty=3), Rules())
    assert (flow.dropped["empty"].text, flow.dropped_total.text, flow.received.text) == (FEW, NOT_SHOWN, NOT_SHOWN)
    assert (flow.analysed.value, flow.received.value) == (645, None)


def test_few_folded_are_not_analysed_less_distinct():
    flow = shown_flow(counted(folded=3), Rules())
    assert (flow.folded.text, flow.distinct.text) == (FEW, NOT_SHOWN)
    assert flow.analysed.value == 605


def test_nought_is_shown():
    flow = shown_flow(counted(folded=0), Rules())
    assert (flow.folded.text, flow.dropped_total.text, flow.distinct.text) == ("0", "0", "600")


def test_where_calling_a_part_small_would_tell_too_much_it_is_not_called_so():
    # Of 12 analysed, were 8 or more folded, 4 at most would be distinct.
    flow = shown_flow(counted(distinct=4, folded=8), Rules())
    assert (flow.folded.text, flow.distinct.text) == (NOT_SHOWN, NOT_SHOWN)
    assert shown_flow(counted(distinct=4, folded=8, empty=3), Rules()).dropped["empty"].text == NOT_SHOWN


def test_few_analysed_are_not_what_is_received_less_what_was_set_aside():
    flow = shown_flow(counted(distinct=9, folded=0, empty=40), Rules())
    assert flow.analysed.text == flow.distinct.text == NOT_SHOWN
    assert NOT_SHOWN in (flow.received.text, flow.dropped["empty"].text)


@pytest.mark.parametrize(("wrong", "said"), [
    ({"received": 700}, "received is not"), ({"distinct": 700}, "analysed is not"), ({"folded": -44}, "negative"),
])  # fmt: skip
def test_counts_that_are_none_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        shown_flow(counted() | wrong, Rules())


def possible(flow, summary, rules, wanted):
    """Lowest and highest value of a count for a reader who knows exactly what is shown, and what the words say."""
    reasons = list(summary["dropped"])
    said = {"received": flow.received, "total": flow.dropped_total}
    said |= {name: getattr(flow, name) for name in ("analysed", "distinct", "folded")}
    said |= {f"r {name}": flow.dropped[name] for name in reasons}
    true = summary | {"total": sum(summary["dropped"].values())}
    true |= {f"r {name}": summary["dropped"][name] for name in reasons}
    names = list(said)
    parts = ["folded", *names[5:]]
    words = any(said[name].text.startswith("fewer") for name in parts)
    bounds = []
    for name in names:
        if said[name].value is not None:
            bounds.append((true[name], true[name]))
        elif said[name].text.startswith("fewer"):
            bounds.append((1, rules.suppress_below - 1))
        else:
            bounds.append((rules.suppress_below if words and name in parts else 1, None))
    sums = np.zeros((3, len(names)))
    sums[0, [names.index(name) for name in ("received", "total", "analysed")]] = 1, -1, -1
    sums[1, [names.index("total"), *range(5, len(names))]] = [1, *[-1] * len(reasons)]
    sums[2, [names.index(name) for name in ("analysed", "distinct", "folded")]] = 1, -1, -1
    ends = []
    for sign in (1, -1):
        goal = np.zeros(len(names))
        goal[names.index(wanted)] = sign
        solved = linprog(goal, A_eq=sums, b_eq=np.zeros(3), bounds=bounds)
        # Status 3: as many as one likes.
        ends.append(sign * solved.fun if solved.success else {3: sign * -np.inf}[solved.status])
    return ends


COUNT = st.one_of(st.just(0), st.integers(1, 12), st.integers(13, 900))


@given(
    distinct=st.one_of(st.integers(1, 15), st.integers(16, 900)), folded=COUNT,
    dropped=st.dictionaries(st.sampled_from(["empty", "short", "nothing", "analysed"]), COUNT.filter(bool)),
    below=st.sampled_from([3, 8]), to=st.sampled_from([1, 5]), base=st.sampled_from([0, 10]),
)  # fmt: skip
@settings(max_examples=1000, deadline=None)
def test_no_small_count_can_be_worked_out_from_what_is_shown(distinct, folded, dropped, below, to, base):
    summary, rules = counted(distinct=distinct, folded=folded, **dropped), Rules(below, to, base)
    flow = shown_flow(summary, rules)
    shown = {"distinct": flow.distinct, "folded": flow.folded, **{f"r {name}": c for name, c in flow.dropped.items()}}
    true = {"distinct": distinct, "folded": folded, **{f"r {name}": count for name, count in dropped.items()}}
    for name, count in true.items():
        if shown[name].value is not None:
            assert shown[name].value % to == 0
            assert abs(shown[name].value - count) <= to / 2
        if 0 < count < below:
            assert shown[name].value is None
            low, high = possible(flow, summary, rules, name)
            assert low <= 1 + 1e-6
            assert high >= below - 1 - 1e-6
    limit = max(below, base)
    for name, said in (("received", flow.received), ("analysed", flow.analysed)):
        if summary[name] < limit:
            assert said.value is None
            assert possible(flow, summary, rules, name)[1] >= limit - 1e-6
    if summary["analysed"] >= limit:
        assert flow.analysed.value is not None
    if folded == 0:
        assert flow.folded.text == "0"


def test_notes_say_the_number_of_distinct_comments_as_it_is_said_elsewhere():
    note = "43 distinct comments are few: below 20 none. With fewer than 20 distinct comments, 43 comments."
    rounded = shown_flow(counted(distinct=43, folded=20), Rules())
    assert shown_note("43 distinct comments are few.", rounded) == "45 distinct comments are few."
    left_out = shown_flow(counted(distinct=43, folded=2), Rules())
    assert shown_note(note, left_out) == (
        "The distinct comments are few: below 20 none. With fewer than 20 distinct comments, the comments."
    )
    assert shown_note(note, shown_flow(counted(distinct=43), None)) == note


@pytest.mark.parametrize("distinct", [18, 43])
def test_a_note_that_names_a_limit_is_not_contradicted_by_a_rounded_number(distinct):
    flow = shown_flow(counted(distinct=distinct, folded=20), Rules())
    assert flow.distinct.value is not None
    note = f"No topics were looked for: {distinct} distinct comments are too few (at least 20 are wanted)."
    assert shown_note(note, flow) == (
        "No topics were looked for: the distinct comments are too few (at least 20 are wanted)."
    )
