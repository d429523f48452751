from pipeline.documents.html_cells import chance, count, ends, percent, table

WHY = "Not shown: small counts are hidden to protect respondents."


def test_a_table_that_shows_everything_explains_nothing():
    assert WHY not in table("Caption.", [("Name", False)], [["shown"]])
    assert WHY in table("Caption.", [("Name", False)], [["not shown"]])


def test_missing_numbers_have_a_word_or_a_dash():
    assert count(None) == "not shown"
    assert (percent(float("nan")), chance(float("nan"))) == ("–", "–")
    assert (percent(0.126), chance(0.0001), chance(0.0126)) == ("13\u00a0%", "<0.001", "0.013")
    assert ends({"low": 0.1, "high": 0.2}, "low", "high") == "10–20\u00a0%"
