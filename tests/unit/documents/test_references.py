import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from pybtex.database import parse_string

from pipeline.codebook.codebook import Source
from pipeline.documents.methods import render_methods
from pipeline.documents.references import ACCOUNT, Citations, account_of, as_bibtex, as_markdown, bibliography

ROOT = Path(__file__).parents[3]
REFERENCES = bibliography()
PROGRAM = REFERENCES["themecrosswalk"]
VERSIONS = {work.package: "1.2.3" for work in REFERENCES.values() if work.package}
ENTRY = re.compile(r"@(article|inproceedings|misc)\{([a-z]+[0-9]*[a-z]?),\n((?:  [a-z]+ = \{.*\},\n)+)\}\n")
WANTED = {
    "article": {"author", "title", "journal", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "misc": {"author", "title"},
}


def parsed(bib: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the entries of a .bib file by key, or fail where anything in it is not of an entry's form."""
    assert bib.isascii()
    assert ENTRY.sub("", bib).strip() == ""
    found = {}
    for kind, key, lines in ENTRY.findall(bib):
        pairs = [line.strip().removesuffix(",").split(" = ", 1) for line in lines.splitlines()]
        fields = {name: value[1:-1] for name, value in pairs}
        assert len(fields) == len(pairs), f"{key}: a field twice"
        assert key not in found, f"{key}: twice"
        for name, value in fields.items():
            depth, bare = 0, re.sub(r"\\.", "", value)
            for character in bare:
                depth += {"{": 1, "}": -1}.get(character, 0)
                assert depth >= 0, f"{key}: {name}"
            assert depth == 0, f"{key}: {name} has unpaired braces"
            if name != "doi":
                assert not re.search(r"[&%$#_^~]", bare), f"{key}: {name} = {value}"
        found[key] = (kind, fields)
    return found


@pytest.fixture
def everything():
    return parsed(as_bibtex(REFERENCES.values(), VERSIONS))


def test_every_entry_has_what_its_type_asks_for(everything):
    assert set(everything) == set(REFERENCES)
    for key, (kind, fields) in everything.items():
        assert set(fields) >= WANTED[kind], key
        assert re.fullmatch(r"\d{4}" if REFERENCES[key].year else r"\[year\]", fields["year"]), key
        # A title keeps its capitals.
        assert re.fullmatch(r"\{.+\}", fields["title"]), key


def test_what_is_written_is_read_alike_but_for_the_field_of_our_own():
    written = parse_string(as_bibtex(REFERENCES.values(), VERSIONS), "bibtex").entries
    assert list(written) == list(REFERENCES)
    for key, entry in written.items():
        work = REFERENCES[key]
        assert "package" not in entry.fields
        assert (entry.fields.get("doi", ""), entry.fields.get("pages", "")) == (work.doi, work.pages)
        assert len(entry.persons["author"]) == len(work.authors)


def test_the_bib_file_has_what_the_text_cites(context):
    methods = render_methods(context)
    entries = parsed(as_bibtex(methods.references, context["versions"]))
    assert list(entries) == [reference.key for reference in methods.references]
    for key, (_, fields) in entries.items():
        package = REFERENCES[key].package if key in REFERENCES else ""
        if package:
            assert fields["note"] == f"Version {context['versions'][package]}"
        else:
            assert "note" not in fields


def test_the_software_that_a_run_uses_can_be_cited():
    packages = Counter(work.package for work in REFERENCES.values() if work.package)
    assert set(packages.values()) == {1}
    assert set(packages) == {
        "theme-crosswalk", "bertopic", "umap-learn", "hdbscan", "sentence-transformers", "spacy", "ftfy",
        "scikit-learn", "scipy", "numpy", "pandas", "torch", "matplotlib",
    }  # fmt: skip


def test_this_program_is_cited_as_it_asks_to_be():
    asked = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert asked["title"] == PROGRAM.title
    assert tuple(author["name"] for author in asked["authors"]) == PROGRAM.authors
    assert f"{asked['license']} licence" == PROGRAM.venue
    assert str(asked.get("date-released", ""))[:4] == PROGRAM.year


def test_keys_dois_and_names_are_of_one_form():
    for key, work in REFERENCES.items():
        assert work.key == key
        assert key == PROGRAM.key or key.endswith(work.year)
        assert not work.doi or re.fullmatch(r"10\.\d{4,}/\S+", work.doi), key
        assert all(re.fullmatch(r"[^,]+, [A-Z].*\.|others", name) for name in work.authors) or work is PROGRAM, key
        assert work.title[-1] != "."
    dois = [work.doi for work in REFERENCES.values() if work.doi]
    assert len(set(dois)) == len(dois)


def test_dois_agree_with_those_of_the_documentation():
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    documented = {doi.replace("&lt;", "<").replace("&gt;", ">") for doi in re.findall(r"\[doi:(\S+)\]\(", text)}
    assert len({work.doi for work in REFERENCES.values()} & documented) > 20


def test_special_characters_are_written_for_latex():
    odd = replace(PROGRAM, authors=("Schölkopf, É.", "R&D_50% {x}", "Großberger, Ł."), title="A~b^c \\ $5 #1 “q”")
    bib = as_bibtex([odd], VERSIONS)
    (fields,) = [fields for _, fields in parsed(bib).values()]
    assert fields["author"] == "Sch{\\\"{o}}lkopf, {\\'{E}}. and {R\\&D\\_50\\% \\{x\\}} and Gro{\\ss}berger, {\\L}."
    assert fields["title"] == "{A\\textasciitilde{}b\\textasciicircum{}c \\textbackslash{} \\$5 \\#1 ``q''}"


def test_citations_are_written_and_remembered():
    cite = Citations(VERSIONS)
    assert cite("fred2005", "wilson1927") == "(Fred and Jain 2005; Wilson 1927)"
    assert cite("mcinnes2018", note="umap-learn 1") == "(McInnes et al. 2018; umap-learn 1)"
    assert cite("ansel2024") == "(Ansel et al. 2024)"
    assert cite.by_name("hennig2007") == "Hennig (2007)"
    assert cite("themecrosswalk") == "(The Theme Crosswalk authors [year])"
    assert [work.key for work in cite.references] == [
        "ansel2024", "fred2005", "hennig2007", "mcinnes2018", "themecrosswalk", "wilson1927",
    ]  # fmt: skip
    assert len(cite.listed()) == 6
    with pytest.raises(KeyError):
        cite("nobody1900")


def test_a_line_of_the_list_says_where_and_which_version():
    assert as_markdown(REFERENCES["mcinnes2017"], VERSIONS) == (
        "McInnes, L., Healy, J. and Astels, S. (2017) hdbscan: hierarchical density based clustering. *Journal of Open "
        "Source Software* 2(11), 205. Version used: 1.2.3. doi:10.21105/joss.00205"
    )
    assert as_markdown(PROGRAM, VERSIONS) == (
        "The Theme Crosswalk authors ([year]) Theme Crosswalk. *MIT licence*. Version used: 1.2.3"
    )


@pytest.mark.parametrize(("citation", "wanted"), [
    ('Roe & Sons, "Sheds".',
     {"title": '{Roe \\& Sons, "Sheds"}', "author": "{[author]}", "year": "[year]", "howpublished": "[URL]"}),
    ("Roe, Sheds, 2021.", {"title": "{Roe, Sheds, 2021}", "author": "{[author]}", "howpublished": "[URL]"}),
    ("Roe, Sheds, 2021. doi:10.1000/182",
     {"title": "{Roe, Sheds, 2021. doi:10.1000/182}", "author": "{[author]}"}),
    (None, {"title": "{[title]}", "author": "{[author]}", "year": "[year]", "howpublished": "[URL]"}),
])  # fmt: skip
def test_the_account_is_an_entry_with_blanks_for_what_its_codebook_does_not_say(citation, wanted, context):
    source = None if citation is None else Source(citation=citation)
    account = account_of(context["codebook"].model_copy(update={"source": source}))
    assert parsed(as_bibtex([account], VERSIONS)) == {ACCOUNT: ("misc", wanted)}


def test_the_account_is_in_the_bib_file_of_a_run(context):
    methods = render_methods(context)
    assert "@misc{account,\n  author = {{[author]}},\n" in as_bibtex(methods.references, context["versions"])


def test_the_account_stands_in_the_list_by_its_first_word(context):
    cite = Citations(
        VERSIONS, account_of(context["codebook"].model_copy(update={"source": Source(citation="Moe, X.")}))
    )
    assert cite("wilson1927", ACCOUNT, "kelly1992") == "(Wilson 1927; Moe, X [year]; Kelly et al. 1992)"
    assert [work.key for work in cite.references] == ["kelly1992", ACCOUNT, "wilson1927"]
