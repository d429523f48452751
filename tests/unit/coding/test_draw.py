from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coding.draw import BLOCK, check_comments, draw, new_record, read_record, text_digest
from pipeline.errors import ConfigError, DataError, StoreError

IDS = [f"c{number:03d}" for number in range(200)]
TEXTS = {comment_id: f"words of {comment_id}" for comment_id in IDS}


def drawn(record, n, coders, overlap=None):
    return draw(record, TEXTS, n=n, coders=coders, overlap=overlap)


def test_the_order_follows_from_seed_and_ids_alone():
    order = new_record(IDS, 7).order
    assert sorted(order) == IDS
    assert new_record(reversed(IDS), 7).order == order
    assert new_record(IDS, 8).order != order
    # Where comments are set aside later, the others stay in their order.
    few = set(IDS[::3])
    assert new_record(few, 7).order == tuple(comment_id for comment_id in order if comment_id in few)
    # Sheets that people have filled in must stay readable: the order may not change with the program.
    assert order[:3] == ("c006", "c004", "c072")


def test_a_record_says_who_codes_and_an_old_one_means_people():
    record = new_record(IDS, 7, "model")
    assert read_record(record.model_dump_json().encode()).kind == "model"
    old = new_record(IDS, 7).model_dump_json(exclude={"kind"})
    assert read_record(old.encode()).kind == "person"


def test_every_comment_is_as_likely_to_be_drawn_and_so_is_every_pair():
    """Of 30 comments 10 are drawn, under 1,000 seeds."""
    ids, n_seeds = [f"x{number}" for number in range(30)], 1000
    taken = np.array(
        [[comment_id in new_record(ids, seed).order[:10] for comment_id in ids] for seed in range(n_seeds)]
    )
    once = taken.mean(axis=0)
    assert np.abs(once - 1 / 3).max() < 4.5 * np.sqrt(2 / 9 / n_seeds)
    pairs = (taken.T.astype(float) @ taken) / n_seeds
    expected = 10 * 9 / (30 * 29)
    apart = np.abs(pairs[~np.eye(30, dtype=bool)] - expected)
    assert apart.max() < 5 * np.sqrt(expected * (1 - expected) / n_seeds)


def test_a_first_draw_has_comments_for_everybody_and_shares_out_the_rest():
    record, (one, other) = drawn(new_record(IDS, 7), 100, 2, 50)
    assert record.drawn == record.order[:100]
    assert set(one.texts) & set(other.texts) == set(record.order[:50])
    assert set(one.texts) | set(other.texts) == set(record.drawn)
    assert len(one.texts) == len(other.texts) == 75
    assert one.texts[record.order[0]] == text_digest(TEXTS[record.order[0]])
    # The two see the shared comments in different orders.
    shared = [[comment_id for comment_id in sheet.texts if comment_id in other.texts] for sheet in (one, other)]
    assert shared[0] != list(record.order[:50]) != shared[1] != shared[0]


def test_a_sheet_half_done_from_the_top_is_half_of_the_draw_from_its_start():
    record, (sheet,) = drawn(new_record(IDS, 7), 100, 1)
    done = list(sheet.texts)[: 2 * BLOCK]
    assert set(done) == set(record.order[: 2 * BLOCK])


@given(
    draws=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 4), st.integers(0, 20)), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
def test_draws_go_on_with_the_order_and_leave_no_comment_out(draws, seed):
    record = new_record(IDS, seed)
    for n, coders, overlap in draws:
        before = record
        record, sheets = drawn(record, n, coders, min(overlap, n) if coders > 1 else 0)
        counted = Counter(comment_id for sheet in sheets for comment_id in sheet.texts)
        taken = record.order[len(before.drawn) : len(record.drawn)]
        assert set(counted) == set(taken)
        assert len(taken) == n
        shared = min(overlap, n) if coders > 1 else 0
        assert [counted[comment_id] for comment_id in taken] == [coders] * shared + [1] * (n - shared)
    assert record.order == before.order
    assert len({sheet.name for sheet in record.sheets}) == len(record.sheets)
    assert read_record(record.model_dump_json().encode()) == record


def test_without_a_number_the_first_draw_overlaps_and_later_ones_do_not():
    record, sheets = drawn(new_record(IDS, 7), 100, 2)
    assert len(set(sheets[0].texts) & set(sheets[1].texts)) == 50
    record, sheets = drawn(record, 20, 2)
    assert not set(sheets[0].texts) & set(sheets[1].texts)
    assert [sheet.name for sheet in sheets] == ["draw_2_coder_1", "draw_2_coder_2"]
    assert record.coders == ("coder_1", "coder_2")
    assert len(drawn(new_record(IDS, 7), 9, 1)[1]) == 1


@pytest.mark.parametrize(
    ("n", "coders", "overlap", "said"),
    [
        (201, 1, None, "201 comments cannot be drawn: 200 of 200 are left"),
        (0, 1, None, "0 comments cannot be drawn"),
        (10, 0, None, "--coders: found 0"),
        (10, 2, 11, "--overlap: found 11, with 10 comments and 2 coders"),
        (10, 1, 5, "--overlap: found 5, with 10 comments and 1 coder"),
        (10, 2, -1, "--overlap: found -1"),
    ],
)
def test_numbers_out_of_range_are_refused(n, coders, overlap, said):
    with pytest.raises(ConfigError, match=said):
        drawn(new_record(IDS, 7), n, coders, overlap)


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"seed": 7, "order": ["c000", "c006"]}', b"\xff"])
def test_a_record_that_was_edited_is_refused(damage):
    with pytest.raises(StoreError, match="damaged or was edited"):
        read_record(damage)


def test_comments_added_or_changed_since_the_draw_are_refused_and_removed_ones_are_not():
    record, _ = drawn(new_record(IDS, 7), 20, 1)
    comments = pd.DataFrame({"comment_id": IDS, "text": TEXTS.values()})
    check_comments(record, comments)
    check_comments(record, comments.iloc[50:])
    added = pd.concat([comments, pd.DataFrame({"comment_id": ["new"], "text": ["secret words of somebody"]})])
    with pytest.raises(DataError, match=r"1 comments of this run were not there") as caught:
        check_comments(record, added)
    assert "secret" not in str(caught.value)
    changed = comments.assign(text=comments["text"].where(comments["comment_id"] != record.order[19], "other words"))
    with pytest.raises(DataError, match="1 comments of this run have other words"):
        check_comments(record, changed)
    # What was not drawn yet has no words that anybody coded.
    undrawn = comments.assign(text=comments["text"].where(comments["comment_id"] != record.order[20], "other words"))
    check_comments(record, undrawn)


def test_spaces_and_line_ends_do_not_count_as_words():
    assert text_digest("a  b\r\nc\u00a0d ") == text_digest("a b\nc d")
    assert text_digest("a b") != text_digest("a c")


def test_what_is_forgotten_leaves_the_order_the_draws_and_the_sheets():
    texts = {f"c{number:02d}": f"comment {number}" for number in range(20)}
    record, _ = draw(new_record(texts, 1), texts, n=6, coders=2, overlap=2)
    record, _ = draw(record, texts, n=4, coders=1)
    gone = {record.order[1], record.order[7], record.order[15]}
    left = record.without(gone)
    assert left.order == tuple(one for one in record.order if one not in gone)
    assert left.draws == (5, 3)
    assert set(left.drawn) == set(record.drawn) - gone
    assert set(left.texts) == set(record.texts) - gone
    assert left.earlier == (record.seal,)
    assert left.seal != record.seal
    assert read_record(left.model_dump_json().encode()) == left
    assert left.without({"c99"}) is left
