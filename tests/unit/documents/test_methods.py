import json
import re
from dataclasses import asdict, replace
from itertools import count

import pytest
from pydantic import BaseModel

from pipeline.account.groups import PERMUTATIONS, SMALLEST_EXPECTED
from pipeline.codebook.codebook import Source
from pipeline.config import CoderConfig, DisclosureConfig, QuotationsConfig, RunConfig
from pipeline.crosswalk.comment_themes import TEMPERATURE
from pipeline.crosswalk.null import SHUFFLED_BOOKS
from pipeline.crosswalk.pseudo_themes import PSEUDO_THEMES_OF_COMMENTS
from pipeline.discovery.layout import FEWEST_FOR_SPECTRAL, MIN_DIST, MOST_BY_COMPONENTS
from pipeline.discovery.rounds import ENOUGH
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.documents.methods import Flow, changed_settings, render_methods
from pipeline.documents.references import ACCOUNT
from pipeline.results import load_run
from tests.example_survey import Survey

CONSTANTS = {
    "0.05": "below which a q-value counts as a difference, where no more may be said",
    "95": "per cent of an interval",
    "80": "per cent of replicates from which a decision is settled",
    "0": "chance, of a measure of agreement",
    "1": "perfect agreement; also the smallest count that can be too small, and the sum of probabilities",
    str(TEMPERATURE): "what fits are divided by",
    str(PSEUDO_THEMES_OF_COMMENTS): "pseudo-themes of a comment",
    str(SHUFFLED_BOOKS): "codebooks with their phrases shuffled",
    "10": "per cent of shuffled codebooks",
    "20": "per cent of comments with a theme that calibration may lose",
    "50": "per cent of a topic's comments that must say its theme",
    str(SMALLEST_EXPECTED): "the smallest expected count of a chi-squared test",
    f"{PERMUTATIONS:,}": "permutations of a test",
    str(ENOUGH): "agreement of the halves from which no layout is added",
    str(STABLE): "overlap from which a topic is stable",
    str(DISSOLVED): "overlap below which a topic is dissolved",
    str(MIN_DIST): "UMAP's min_dist in the map",
    str(FEWEST_FOR_SPECTRAL): "comments from which the map has a spectral start",
    str(MOST_BY_COMPONENTS): "comments up to which the map needs no UMAP",
}
SUMMARIES = ("embed", "discover", "map", "landed", "agreement_by_pair")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
CITED = re.compile(
    r"((?:[A-Z][\w'’ -]*?)(?: et al\.| and [A-Z][\w-]+)?) \(?((?:19|20)\d\d[a-z]?)\)?"
    r"|(The Theme Crosswalk authors) \[year\]"
)


def body_of(text: str) -> str:
    return text.split("## References")[0]


def numbers_in(text: str, context) -> list[str]:
    """Return the numbers of a methods text that are no part of a citation, a version, a name or a fingerprint."""
    said = re.sub(r"`[^`]*`", "", body_of(text)).replace("\u00a0", " ")
    named = [context["embed"]["model"], "SHA-256", context["codebook"].title, *context["versions"].values()]
    named += [] if context["codebook"].source is None else [context["codebook"].source.citation.rstrip(".")]
    for name in sorted(named, key=len, reverse=True):
        said = said.replace(name, "")
    return NUMBER.findall(CITED.sub("", said))


def forms(value) -> set[str]:
    """Return the ways in which a text may write a number of the run."""
    if isinstance(value, bool):
        return set()
    if isinstance(value, int):
        return {str(value), f"{value:,}"}
    if isinstance(value, float):
        return {str(value), f"{value:.2f}", f"{100 * value:.0f}", f"{100 * value:.1f}"}
    if isinstance(value, str):
        return set(NUMBER.findall(value))
    if isinstance(value, dict):
        return set().union(*map(forms, value.values()))
    return set().union(*map(forms, value)) if isinstance(value, (list, tuple)) else set()


def counted_from(summaries) -> set[str]:
    """Return the numbers that are counts or sums of the run's."""
    return {str(sum(summaries["clean"]["dropped"].values())), str(len(summaries["map"]["decoy_match_rates"]))}


def test_every_number_is_in_the_manifest_or_the_table_of_agreement(finished: Survey, context):
    manifest = json.loads((finished.output / "manifest.json").read_text(encoding="utf-8"))
    text = (finished.output / "public" / "methods.md").read_text(encoding="utf-8")
    summaries = {name: stage["summary"] for name, stage in manifest["stages"].items()}
    known = forms(manifest["configuration"]) | forms(summaries) | forms(manifest["codebook"]["version"])
    known |= counted_from(summaries) | set(CONSTANTS)
    agreement = load_run(finished.output).agreement
    known |= forms(agreement[["value", "low", "high"]].dropna().to_numpy().tolist()) | forms(agreement["n"].tolist())
    said = numbers_in(text, context)
    assert len(said) > 40
    assert [number for number in said if number not in known] == []


def with_other_numbers(value, wholes, shares):
    """Return the same with numbers that occur nowhere else: whole ones of four digits, and shares from 0.31 on."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return next(wholes)
    if isinstance(value, float):
        return next(shares)
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return value.model_copy(update={f: with_other_numbers(getattr(value, f), wholes, shares) for f in fields})
    if isinstance(value, dict):
        return {name: with_other_numbers(part, wholes, shares) for name, part in value.items()}
    return (
        type(value)(with_other_numbers(part, wholes, shares) for part in value)
        if isinstance(value, (list, tuple))
        else value
    )


def strange(context):
    """Return a context whose numbers are all others than before, and which they are."""
    wholes, shares = count(7001), (0.31 + 0.01 * (place % 9) for place in count())
    settings: RunConfig = context["settings"]
    changed = {name: with_other_numbers(context[name], wholes, shares) for name in SUMMARIES}
    changed["settings"] = with_other_numbers(settings, wholes, shares)
    changed["seed"] = next(wholes)
    changed["flow"] = Flow(*(f"{next(wholes):,}" for _ in range(7)), dropped=(("too short", f"{next(wholes):,}"),))
    # These are texts already.
    changed["map"] |= {name: f"{next(wholes):,}" for name in ("comments_with_theme", "comments_without_theme")}
    changed["map"]["learned"] = {**changed["map"]["learned"], "comments": f"{next(wholes):,}"}
    changed["agreement_by_pair"] = [{**pair, "comments": f"{next(wholes):,}"} for pair in changed["agreement_by_pair"]]
    return {**context, **changed}


@pytest.mark.parametrize("has_rules", [False, True])
def test_no_number_is_written_into_the_template(has_rules, context):
    rules = DisclosureConfig.model_validate({}) if has_rules else None
    context["settings"] = context["settings"].model_copy(update={"disclosure": rules})
    context["landed"] = {"n": 5, "landed": 3, "low": 0.1, "high": 0.9, "chance": 0.4}
    context["map"] = {
        **context["map"],
        "learned": {"comments": "40", "cut": 0.1, "from_none": True, "macro_f1_codebook": 0.4, "macro_f1_learned": 0.5},
    }
    other = strange(context)
    known = set().union(*(forms(other[name]) for name in (*SUMMARIES, "seed")), forms(other["settings"].model_dump()))
    known |= {str(len(other["map"]["decoy_match_rates"]))} | forms(list(asdict(other["flow"]).values()))
    known |= {str(other["settings"].disclosure.suppress_below - 1)} if has_rules else set()
    known |= forms(other["codebook"].version)
    text = render_methods(other).text
    said = numbers_in(text, other)
    assert [number for number in said if number not in known | set(CONSTANTS)] == []
    # These must be said, and whether they are shows that the numbers above were looked at.
    for value in (other["flow"].analysed, other["flow"].folded, other["discover"]["topics"], other["seed"],
                  other["map"]["comments_with_theme"], other["agreement_by_pair"][0]["comments"],
                  other["map"]["learned"]["comments"], other["embed"]["dimensions"]):  # fmt: skip
        assert forms(value) & set(said), value


def no_topics(context):
    none = {"regime": "direct", "topics": 0, "coarse_topics": 0, "outlier_share": 1.0, "largest_share": 0.0,
            "stability": None, "repeatability": None,
            "notes": ["No topics were looked for: 12 distinct comments are too few."]}  # fmt: skip
    mapped = {
        **context["map"],
        "topics_matched": 0,
        "topics_unmapped": 0,
        "topics_unsettled": 0,
        "decoy_match_rates": {},
        "decoy_match_rate": None,
        "notes": ["Every comment is given its nearest theme."],
    }
    return {**context, "discover": none, "map": mapped}


def configured(context, **update):
    return {**context, "settings": context["settings"].model_copy(update=update)}


def without_coders(context):
    settings = context["settings"]
    columns = settings.input.columns.model_copy(update={"coders": ()})
    return {
        **configured(context, input=settings.input.model_copy(update={"columns": columns})),
        "agreement_by_pair": [],
        "coders": [],
    }


def on_a_gpu(context):
    discover = context["settings"].discover.model_copy(update={"device": "cuda"})
    versions = {**context["versions"], "cuml-cu13": "26.10"}
    return {**configured(context, discover=discover), "versions": versions}


def with_respondents(context):
    settings = context["settings"]
    columns = settings.input.columns.model_copy(update={"respondent": "person", "metadata": ()})
    return configured(context, input=settings.input.model_copy(update={"columns": columns}))


VARIANTS = {
    "as it is": dict,
    "no topics": no_topics,
    "no coders": without_coders,
    "nothing coded": lambda context: {**context, "agreement_by_pair": []},
    "no tables": lambda context: {**context, "shown": dict.fromkeys(context["shown"], False)},
    "respondents": with_respondents,
    "sentences": lambda context: configured(context, unit="sentence"),
    "disclosure": lambda context: configured(context, disclosure=DisclosureConfig.model_validate({})),
    "rounding alone": lambda context: configured(context, disclosure=DisclosureConfig(suppress_below=0)),
    "learned": lambda context: {**context, "map": {**context["map"], "learned": {
        "comments": "21", "from_none": True, "macro_f1_codebook": 0.4, "macro_f1_learned": 0.5}}},
    "learned, told in part": lambda context: {**context, "map": {**context["map"], "learned": {
        "comments": "20", "from_none": False, "macro_f1_codebook": 0.4, "macro_f1_learned": None}}},
    "learned from few": lambda context: {**context, "map": {**context["map"], "learned": {
        "comments": "fewer than 8", "from_none": False, "macro_f1_codebook": None, "macro_f1_learned": None}}},
    "quotations": lambda context: {**context, "landed": {"n": 1, "landed": 1, "low": 0.1, "high": 1.0, "chance": 0.4}},
    "no question": lambda context: {**context, "question": "",
                                    "codebook": context["codebook"].model_copy(update={"source": None})},
    "topics on a GPU": on_a_gpu,
    "no topics on a GPU": lambda context: no_topics(on_a_gpu(context)),
    "topics on a sample": lambda context: {**context, "discover": {**context["discover"], "fitted": 20_000}},
    "silent and long": lambda context: {**context, "flow": replace(context["flow"], silent="not shown", long="3")},
    "one silent": lambda context: {**context, "flow": replace(context["flow"], silent="1")},
    "nothing set aside": lambda context: {**context, "flow": replace(context["flow"], dropped=(), folded="0")},
    "protected": lambda context: {
        **context, "counted": lambda _: "fewer than 8",
        "map": {**context["map"], "comments_with_theme": "not shown", "comments_without_theme": "not shown"},
        "flow": replace(context["flow"], received="not shown", folded="fewer than 8", distinct="not shown",
                        dropped=(("empty", "fewer than 8"),), note="Counts are rounded to the nearest 5."),
    },
}  # fmt: skip


@pytest.fixture(params=VARIANTS)
def variant(request, context):
    return VARIANTS[request.param](context)


def test_the_text_reads_well_whatever_the_run_has(variant):
    text = render_methods(variant).text
    body = body_of(text)
    for wrong in ("None", "nan", "{{", "{%", "  ", " .", "..", " ,", "()", "\n\n\n", "<Undefined", "1 comments"):
        assert wrong not in body, wrong
    # A sentence that is joined to the one before it.
    assert not re.search(r"\)\.\w", body)
    for line in filter(None, body.splitlines()):
        assert re.match(r"# |## |> |- |[A-Z0-9*\[]|spaCy ", line), line
        assert line.startswith(("#", "- ")) or line[-1] in ".:]*", line
        assert line == line.rstrip(), line
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Data", "Preparation and redaction", "Embedding", "Topics", "Comparison with the published themes",
        "Shares, claims and groups", "Agreement with coders", "Disclosure control", "Ethics and reflexivity", "Limits",
        "Software, licence and reproducibility", "References",
    ]  # fmt: skip


def test_what_is_cited_is_listed_and_what_is_listed_is_cited(variant):
    methods = render_methods(variant)
    body, listed = methods.text.split("## References\n")
    cited = {f"{found[0]} {found[1]}" if found[1] else found[2] for found in CITED.findall(body.replace("\n", " "))}
    labels = set()
    for reference in methods.references:
        if reference.key == ACCOUNT:
            # It has no authors and year of its own; the tests of the account look at its citation.
            continue
        surnames = [name.split(",")[0] for name in reference.authors]
        authors = f"{surnames[0]} et al." if len(surnames) > 2 else " and ".join(surnames)
        labels.add(f"{authors} {reference.year}".strip())
    # A citation's authors may follow a word with a capital; the label then ends what was found.
    assert {found for found in cited if not any(found.endswith(label) for label in labels)} == set()
    assert {label for label in labels if not any(found.endswith(label) for found in cited)} == set()
    entries = listed.strip().splitlines()
    assert len(entries) == len(methods.references) == len(labels) + 1 > 26
    for entry, reference in zip(entries, methods.references, strict=True):
        assert entry.startswith(f"- {(reference.authors or (reference.title or '[author and title]',))[0]}")
        assert reference.title in entry.replace("\\", "")


@pytest.mark.parametrize(("shown", "said"), [
    ((0.4, 0.5), "; on those comments, each decided by a classifier that had not seen it, macro-F1 was 0.40 by the "
                 "codebook alone and 0.50 with what was learned."),
    ((0.4, None), "; on those comments, each decided by a classifier that had not seen it, macro-F1 was 0.40 by the "
                  "codebook alone."),
    ((None, 0.5), "; on those comments, each decided by a classifier that had not seen it, macro-F1 was 0.50 with what "
                  "was learned."),
    ((None, None), "."),
])  # fmt: skip
def test_what_was_learned_is_told_as_far_as_it_may_be(shown, said, context):
    learned = {"comments": "20", "from_none": False, "macro_f1_codebook": shown[0], "macro_f1_learned": shown[1]}
    text = render_methods({**context, "map": {**context["map"], "learned": learned}}).text
    assert f"from 20 coded comments by a cross-validated logistic regression{said}\n" in text


def test_the_run_without_topics_cites_no_method_of_topics(context):
    keys = {reference.key for reference in render_methods(no_topics(context)).references}
    assert not keys & {"strehl2002", "hennig2007", "knijnenburg2009", "grootendorst2022"}
    assert {"hayes2007", "mcinnes2018"} <= keys


def test_what_only_the_authors_know_is_left_to_them(context):
    blanks = re.findall(r"(?<!\\)\[([^\]]+)\]", render_methods(context).text)
    for asked in (
        "chosen and reached", "Between which dates", "anonymised", "Ethical approval", "Reflexivity", "Who coded",
        "Who wrote the codebook", "which licence",
    ):  # fmt: skip
        assert sum(asked in blank for blank in blanks) == 1, asked


def test_it_is_never_called_thematic_analysis_but_to_deny_it(variant):
    text = render_methods(variant).text
    assert re.findall(r"(\w+) reflexive thematic analysis", text) == ["not"]
    assert text.count("thematic analysis") == 1


def test_other_peoples_words_are_no_markup(context):
    other = {**context, "notice": "*One* [two] <b>three</b>", "question": "What_is_ it [really]?"}
    text = render_methods(other).text
    assert "\\*One\\* \\[two\\] \\<b\\>three\\</b\\>" in text
    assert "it \\[really\\]?" in text


def test_a_models_folder_is_not_named(context):
    text = render_methods({**context, "spacy_model": "/somebodys/folder/en_model"}).text
    assert "with its model en_model" in text
    assert "somebodys" not in text


def test_settings_that_differ_from_the_defaults_are_named(context):
    changed = dict(changed_settings(context["settings"]))
    assert changed["discover.n_seeds"] == "3"
    assert changed["map.n_replicates"] == "50"
    assert "map.nearest_phrases" not in changed
    assert not [name for name in changed if "cache" in name or "group_column" in name]
    text = render_methods(context).text
    assert all(f"- `{name}`: {value}\n" in text for name, value in changed.items())
    defaults = {name: type(getattr(context["settings"], name)).model_validate({})
                for name in ("clean", "embed", "discover", "map", "assess")}  # fmt: skip
    plain = configured(context, **defaults)
    assert changed_settings(plain["settings"]) == []
    assert "All settings of the method are the program's defaults" in render_methods(plain).text


def test_protected_counts_take_the_place_of_exact_ones(context):
    text = render_methods(VARIANTS["protected"](context)).text
    assert "In all, an undisclosed number of comments were received and 62 analysed." in text
    assert "Counts are rounded to the nearest 5." in text
    assert "- empty: fewer than 8\n" in text
    assert "an undisclosed number of comments were given a theme directly and an undisclosed number were not" in text


def test_who_reviewed_quotations_is_left_to_the_authors_where_there_are_any(context):
    none = render_methods(context).text
    assert "No comment, and no comment's id, is in the public outputs." in none
    some = {**context, "shown": {**context["shown"], "quotations": True}}
    assert "[Who reviewed the quotations, and what was changed in them.]" in render_methods(some).text
    unreviewed = configured(some, quotations=QuotationsConfig(review=False))
    assert "review is turned off for the illustrative comments" in render_methods(unreviewed).text


def test_one_coder_alone_is_one(context):
    settings = context["settings"]
    columns = settings.input.columns.model_copy(update={"coders": (CoderConfig(name="Cy_", theme=("t",)),)})
    other = configured(context, input=settings.input.model_copy(update={"columns": columns}))
    other["agreement_by_pair"] = [{**context["agreement_by_pair"][0], "first": "Cy_", "cohen_kappa": None,
                                   "krippendorff_alpha": None, "accuracy_low": None}]  # fmt: skip
    text = render_methods(other).text
    assert "- “Cy\\_” with direct matching by machine" in text
    assert "Cohen's kappa" not in text


def with_groups(context, groups, **more):
    compare = context["settings"].assess.model_copy(update={"groups": groups, "group_column": None})
    return {**configured(context, assess=compare), "shown": {**context["shown"], "groups": True}, **more}


def test_free_text_that_is_sorted_into_groups_is_said_to_be(context):
    words = {"Nurses": ("nurse",), "Doctors, all": ("doctor", "surgeon")}
    text = render_methods(with_groups(context, {"ward": None, "job_title": words, "site": {"North": ("leeds",)}})).text
    assert "By “ward”, “job_title” and “site”, each group" in text.replace("\\", "")
    sorted_by_words = "were sorted into groups by words: a value belongs to the first of"
    assert text.count(sorted_by_words) == 2
    assert f"The values of “job_title” {sorted_by_words} “Nurses” and “Doctors, all” that has" in text.replace("\\", "")
    assert f"The values of “site” {sorted_by_words} “North” that has one of its words in it" in text
    assert text.count("and to “Other” where none has.\n") == 2
    assert text.count("settings in the run's manifest") == 1


def test_values_that_are_groups_as_they_stand_are_not_said_to_be_sorted(context):
    text = render_methods(with_groups(context, {"ward": None})).text
    assert "By “ward”, each group" in text
    assert "sorted into groups" not in text
    assert "settings in the run's manifest" not in text


def test_it_is_said_when_a_column_is_tested_how(context):
    context["shown"] = {**context["shown"], "outlook": True}
    alone = render_methods(with_groups(context, {"ward": None})).text
    assert "for themes, topics and outlook, each apart (group_tests.csv)." in alone
    assert (
        "Pearson's chi-squared where no comment has two entries and every expected count is at least "
        f"{SMALLEST_EXPECTED}.\n"
    ) in alone
    assert "The q-values of these tests, of either kind, are over all of them together.\n" in alone
    assert f"those of {PERMUTATIONS:,} permutations (Phipson and Smyth 2010) of the groups among comments." in alone
    bare = no_topics({**context, "shown": {**context["shown"], "outlook": False}})
    assert "tested for themes (group_tests.csv)." in render_methods(with_groups(bare, {"ward": None})).text
    several = with_groups(with_respondents(context), {"ward": None})
    several["shown"]["groups"] = True
    text = render_methods(several).text
    assert "has two entries, no respondent has two comments and every expected count" in text
    assert "of the groups among respondents with as many comments as one another." in text


@pytest.mark.parametrize("has_learned", [False, True])
def test_the_probability_of_a_theme_is_defined(has_learned, context):
    learned = {"comments": "20", "macro_f1_codebook": None, "macro_f1_learned": None} if has_learned else None
    learned = None if learned is None else {**learned, "cut": 0.1, "from_none": True}
    text = render_methods({**context, "map": {**context["map"], "learned": learned}}).text
    start = "By the codebook alone, the" if has_learned else "The"
    assert (
        f"*Single comments.* {start} probabilities of a comment's themes are the softmax of its fits divided by "
        f"{TEMPERATURE}, so that they add up to 1.\n"
    ) in text
    assert f"the mean of {PSEUDO_THEMES_OF_COMMENTS} pseudo-themes made of sentences" in text
    assert ("set by the coded comments" in text) == has_learned
    assert ("learned from coded comments with and without a theme" in text) == has_learned
    assert ("was not calibrated on this survey" in text) == (not has_learned)


def test_without_pseudo_themes_none_are_counted(context):
    text = render_methods(no_topics(context)).text
    assert f"divided by {TEMPERATURE}" in text
    assert f"{PSEUDO_THEMES_OF_COMMENTS} pseudo-themes" not in text


def test_topics_whose_comments_share_little_are_said_to_be_called_mixed(context):
    assert "a topic whose comments share too little is called mixed." in render_methods(context).text


def test_topics_that_were_found_on_a_sample_are_said_to_be(context):
    said = render_methods({**context, "discover": {**context["discover"], "fitted": 20_000}}).text
    assert "Topics were found on 20,000 comments" in said.replace("\u00a0", " ")
    assert "were found on" not in render_methods(context).text


def test_the_map_is_a_layout_of_its_own(variant):
    text = render_methods(variant).text
    neighbours, seed = variant["settings"].discover.n_neighbors, variant["seed"]
    assert "*Map.* The map of the comments is a layout of its own, by UMAP in two dimensions" in text
    assert (
        f"up to {neighbours} neighbours a comment by cosine distance, a min_dist of {MIN_DIST} and the seed {seed}, "
        "and begins with UMAP's spectral start, or with principal components where there are fewer than "
        f"{FEWEST_FOR_SPECTRAL} distinct comments.\n"
    ) in text
    is_small = variant["discover"]["regime"] == "direct"
    assert (f"at most {MOST_BY_COMPONENTS}, they stand at their first two principal components" in text) == is_small
    assert "always from the first principal components" not in text


def test_the_account_is_cited_where_it_is_named_and_listed(context):
    text = render_methods(context).text
    body, listed = text.split("## References\n")
    assert ", version 2.1, after the published account (A made-up magazine, issue 3 [year]): " in body
    assert "- A made-up magazine, issue 3 ([year]). [URL]" in listed.splitlines()


def test_a_citation_that_says_year_and_address_leaves_no_blank(context):
    source = Source(citation="Roe, A. [2021] *Sheds*, 2022. https://sheds.example/a_b.")
    text = render_methods({**context, "codebook": context["codebook"].model_copy(update={"source": source})}).text
    body, listed = text.split("## References\n")
    assert "account (Roe, A. \\[2021\\] \\*Sheds\\*, 2022. https://sheds.example/a_b): " in body
    assert "\n- Roe, A. \\[2021\\] \\*Sheds\\*, 2022. https://sheds.example/a_b\n" in listed


def test_an_account_that_the_codebook_does_not_cite_is_left_to_the_authors(context):
    text = render_methods({**context, "codebook": context["codebook"].model_copy(update={"source": None})}).text
    assert "after the published account ([author and title] [year]): " in text
    assert "\n- [author and title] ([year]). [URL]\n" in text


def test_the_program_is_cited_in_a_whole_sentence(context):
    text = render_methods(context).text
    version = context["versions"]["theme-crosswalk"]
    assert (
        f"made with theme-crosswalk {version} (The Theme Crosswalk authors [year]), which is free software under the "
        "MIT licence, and figures with"
    ) in text
    assert f"\n- The Theme Crosswalk authors ([year]) Theme Crosswalk. *MIT licence*. Version used: {version}\n" in text


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("torch", "on PyTorch 2.13"),
        ("openvino", "on OpenVINO 2026.4, in bfloat16."),
        ("static", "Order and context of words were lost."),
    ],
)
def test_the_text_says_by_what_vectors_were_made(backend, said, context):
    settings: RunConfig = context["settings"]
    embed = settings.embed.model_copy(update={"backend": backend, "precision": "bfloat16"})
    versions = {**context["versions"], "torch": "2.13", "openvino": "2026.4"}
    settings = settings.model_copy(update={"embed": embed})
    flow = replace(context["flow"], silent="8")
    made = render_methods({**context, "settings": settings, "versions": versions, "flow": flow})
    text = body_of(made.text)
    assert said in text
    run_by = next(line for line in text.splitlines() if "run by sentence-transformers" in line)
    assert "say nothing" not in run_by
    assert "say nothing" in text
    assert ("OpenVINO" in text) == (backend == "openvino")
    assert ("tulkens2024" in {reference.key for reference in made.references}) == (backend == "static")


def test_topics_that_were_found_on_a_gpu_are_said_to_be(context):
    version = context["versions"]["hdbscan"]
    text, usual = (body_of(render_methods(made).text) for made in (on_a_gpu(context), context))
    assert "The graph is that of umap-learn; the layouts were made on a GPU by cuML 26.10." in text
    assert "HDBSCAN (Campello et al. 2013; cuML 26.10) with min_samples" in text
    assert f"hdbscan {version})" not in text
    assert f"hdbscan {version}) with min_samples" in usual
    none, usual = (body_of(render_methods(no_topics(made)).text) for made in (on_a_gpu(context), context))
    assert "both on a GPU by cuML 26.10." in none
    assert "GPU" not in usual
