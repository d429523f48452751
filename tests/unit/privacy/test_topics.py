from pipeline.privacy.rounding import Rules
from pipeline.privacy.topics import protect_topics
from tests.unit.privacy.example_tables import topics_of


def test_a_small_topic_is_not_the_rest_of_its_coarse_topic():
    topics, coarse = protect_topics(*topics_of([90, 50, 3], [0, 1, 1]), base=200, rules=Rules())
    assert topics["suppressed"].tolist() == [False, True, True]
    assert coarse["size"].tolist() == [90, 55]


def test_a_coarse_topic_of_one_small_topic_is_not_what_is_left_of_all_in_topics():
    topics, coarse = protect_topics(*topics_of([90, 50, 3], [0, 0, 1]), base=200, rules=Rules())
    assert topics["suppressed"].tolist() == [False, True, True]
    assert coarse["suppressed"].tolist() == [True, True]
