import numpy as np
import pytest

from pipeline.figures.claims import claims_forest, drawable_claims
from tests.unit.figures.figure_tables import claims_of


def drawn_of(claims, written):
    return claims_forest(claims, written, width_mm=180.0)


def test_only_claims_with_an_interval_are_drawn_and_the_others_are_counted():
    claims, written = claims_of(5, "A claim")
    drawn = drawn_of(claims, written)
    assert drawn.data["claim"].tolist() == drawable_claims(claims)["claim"].tolist() == [f"claim_{n}" for n in range(4)]
    said = " ".join(text.get_text().replace("\n", " ") for text in drawn.figure.texts)
    assert "1 claim without an interval is not drawn." in said
    assert "Of 3 claims that can be checked, 1 is supported, 1 is not supported" in said


def test_the_line_of_what_is_claimed_stands_where_the_codebook_has_it():
    drawn = drawn_of(*claims_of(9, "A claim"))
    ends = drawn.data[["claimed_low", "claimed", "claimed_high"]].to_numpy()[:4]
    assert ends == pytest.approx(np.array([[0.15, 0.2, 0.25], [-0.02, 0, 0.02], [0, 0, 0], [0.3, 0.3, 0.3]]))
    lines = [line.get_xdata()[0] for line in drawn.figure.axes[0].lines if line.get_gid() == "claimed"]
    assert lines[:4] == pytest.approx([20, 0, 0, 30])


def test_a_claim_without_a_number_has_no_line():
    claims, written = claims_of(5, "A claim")
    vague = written["claim_3"].model_copy(update={"at_least": None})
    drawn = drawn_of(claims, written | {"claim_3": vague})
    assert drawn.data["claimed"].isna().tolist() == [False, False, False, True]
    assert len([line for line in drawn.figure.axes[0].lines if line.get_gid() == "claimed"]) == 3


def test_the_alternative_says_each_number_and_verdict():
    said = drawn_of(*claims_of(3, "A claim")).alternative
    assert "A claim 0: share 10% (5–17%), supported; A claim 1: difference +12 (+7 to +19), not supported." in said


@pytest.mark.parametrize("width_mm", [89.0, 183.0])
def test_what_a_claim_says_stands_whole_and_no_word_of_it_is_cut(width_mm):
    said = "About 22% of those who answered were positive about how digital their organisation is becoming"
    claims, written = claims_of(5, said)
    drawn = claims_forest(claims, written, width_mm=width_mm)
    labels = [text.get_text() for text in drawn.figure.axes[0].get_yticklabels()]
    assert len(labels) == 4
    for number, label in enumerate(labels):
        assert label.replace("\n", " ").startswith(f"{said} {number}. (")
        assert set(label.split()) <= set(f"{said} {number}. (share) (difference)".split())
