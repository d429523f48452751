import pytest

from pipeline.disclosure.counts import ANALYSED
from pipeline.documents.paper_tables import who_answered_table
from pipeline.tables.numbers import NOT_SHOWN, count, percent
from tests.unit.disclosure.random_surveys import random_survey


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["one", "two", "nested"])
def test_who_answered_says_nothing_that_the_public_groups_do_not_say(kind):
    """So that an intruder who has solved the public tables (test_attack.py) learns nothing from it."""
    hidden = 0
    for seed in range(30):
        public = random_survey(seed, kind=kind).published()
        groups, analysed = public.tables["groups"], public.shown.said.text(ANALYSED)
        whole = public.shown.number(ANALYSED)
        table = who_answered_table(groups, analysed)
        known = {(row.group, count(row.comments)) for row in groups.itertuples()}
        assert table.rows[0] == ("All comments", "", analysed, "100%")
        assert {(group, comments) for _, group, comments, _ in table.rows[1:]} == known
        for _, _, comments, share in table.rows[1:]:
            hidden += comments == NOT_SHOWN
            said = NOT_SHOWN if comments == NOT_SHOWN else percent(int(comments.replace(",", "")) / whole)
            assert share == said
    if kind == "nested":
        assert hidden
