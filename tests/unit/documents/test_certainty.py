import numpy as np
import pandas as pd

from pipeline.documents.certainty import certainty

TABLES = {
    "prevalence": pd.DataFrame({"reading": ["corrected"], "by": ["ada"], "coded": [1200.0]}),
    "topics": pd.DataFrame({"settled": pd.array([True, False, None], dtype="boolean")}),
}


def test_what_is_said_of_certainty_is_counted_from_the_public_tables():
    sure = certainty(TABLES, [])
    assert (sure.kind, sure.by, sure.coded, sure.n_topics, sure.n_doubtful) == ("corrected", "ada", "1,200", 3, 2)
    hidden = TABLES["prevalence"].assign(coded=np.nan)
    assert certainty({**TABLES, "prevalence": hidden}, []).coded == ""


def test_agreement_is_said_as_far_as_it_may_be():
    pairs = [
        {
            "first": "ada",
            "second": "comments matched directly",
            "accuracy": 0.56,
            "macro_f1": 0.55,
            "cohen_kappa": 0.44,
        },
        {"first": "ada", "second": "ben", "macro_f1": 0.9, "cohen_kappa": None},
        {"first": "ada", "second": "cy", "accuracy": 0.7},
        {"first": "ada", "second": "di"},
    ]
    assert certainty(TABLES, pairs).agreements == (
        "ada and the program give 56% of comments the same main theme (macro-F1 0.55, kappa 0.44).",
        "ada and ben agree on the main themes of comments: macro-F1 0.90.",
        "ada and cy give 70% of comments the same main theme.",
    )
