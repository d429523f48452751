import pytest

from pipeline.formats.column_names import near_miss, places_of


def test_a_name_is_found_by_itself_before_it_is_folded():
    assert places_of("Site", ["site", "Site", "SITE"]) == [1]
    assert places_of("sIte", ["site", "Site", "other"]) == [0, 1]
    assert places_of("", ["", "a"]) == [0]


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        ("comment", "comments", "The file has 's' where the configuration has nothing."),
        ("comment", "сomment", "The file has 'с' (cyrillic small letter es) where the configuration has 'c'."),
        ("What is best?", "What is worst?", ""),
        ("abc", "xyz", None),
    ],
)
def test_a_near_miss_says_what_differs(wanted, found, said):
    expected = "" if said is None else f" Did you mean '{found}'?" + (f" {said}" if said else "")
    assert near_miss(wanted, [found]).startswith(expected)
    assert (near_miss(wanted, [found]) == "") is (said is None)
