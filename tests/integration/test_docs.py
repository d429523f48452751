"""The documentation site is built, links to what there is, and asks no network for anything."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
import typer
import yaml

from pipeline import load_run
from pipeline.cli import app
from pipeline.codebook.codebook import Codebook
from pipeline.config import AssessConfig, RunConfig
from pipeline.tables.schema import published
from tests.chromium import chromium, missing
from tests.example_survey import Survey

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WANTED = ("mkdocs", "material", "mkdocstrings")
MISSING = [name for name in WANTED if importlib.util.find_spec(name) is None]

needs_mkdocs = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed: pip install -e '.[docs]'")

LOADED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "object": "data",
}
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
IN_STYLE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')]+)""", re.IGNORECASE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.classes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        address = given.get(LOADED.get(tag, ""))
        self.loads += [address] if address else []
        self.loads += [part.split()[0] for part in (given.get("srcset") or "").split(",") if part.strip()]
        self.classes.update((given.get("class") or "").split())


def loaded_from_elsewhere(page: str) -> list[str]:
    reader = _Reader()
    reader.feed(page)
    return [address for address in reader.loads if ELSEWHERE.match(address)] + IN_STYLE.findall(page)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return folder


def test_what_is_loaded_from_elsewhere_is_found():
    page = (
        '<link href="https://fonts.example/a.css"><script src="//cdn.example/b.js"></script><img src="images/c.png">'
        '<a href="https://doi.org/10.1/x">paper</a><style>p{background:url("http://d.example/d.png")}</style>'
    )
    assert loaded_from_elsewhere(page) == [
        "https://fonts.example/a.css", "//cdn.example/b.js", "http://d.example/d.png",
    ]  # fmt: skip


@needs_mkdocs
def test_every_page_of_the_menu_is_built_and_no_other_file_is(site: Path):
    pages = {path.stem for path in DOCS.glob("*.md")}
    assert {path.stem for path in site.glob("*.html")} == pages | {"404"}
    assert not list(site.rglob("*.py"))


@needs_mkdocs
def test_no_page_and_no_style_sheet_loads_anything_from_a_network(site: Path):
    found = {path.name: loaded_from_elsewhere(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    found |= {path.name: IN_STYLE.findall(path.read_text(encoding="utf-8")) for path in site.rglob("*.css")}
    assert len(found) > len(list(DOCS.glob("*.md")))
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


@needs_mkdocs
def test_nothing_that_the_theme_would_fetch_a_script_for_is_used(site: Path):
    # The theme's script asks a content network for these once a page has them.
    for path in site.glob("*.html"):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        assert not reader.classes & {"mermaid", "md-source"}, path.name


@needs_mkdocs
@pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}")
def test_the_search_finds_pages_from_a_folder_and_asks_no_network(site: Path):
    asked: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / "index.html").as_uri())
        page.click("input[name=query]")
        page.keyboard.type("quotations")
        page.wait_for_selector(".md-search-result__article", state="attached", timeout=20_000)
        found = page.inner_text(".md-search-result__meta")
    assert re.match(r"\d+ matching documents", found)
    assert [address for address in asked if not address.startswith("file:")] == []


@needs_mkdocs
@pytest.mark.parametrize(
    "name",
    [
        "pipeline.results.load_run", "pipeline.results.Run.draw", "pipeline.discovery.consensus.ConsensusClusterer.fit",
        "pipeline.codebook.codebook.Codebook", "pipeline.contracts.Mapped", "pipeline.contracts.TopicResult",
    ],
)  # fmt: skip
def test_the_api_reference_covers_what_users_call(site: Path, name: str):
    assert f'id="{name}"' in (site / "api.html").read_text(encoding="utf-8")


@needs_mkdocs
def test_the_changelog_is_the_projects_own(site: Path):
    heading = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert heading is not None
    assert heading[1] in (site / "changelog.html").read_text(encoding="utf-8")


def _examples(page: str) -> list[dict]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]


def test_the_files_that_the_guide_shows_are_ones_that_the_program_takes():
    dated, settings, account = _examples("your-own-survey.md")
    assert AssessConfig.model_validate(dated["assess"]).groups == {"Date received": "month"}
    assert RunConfig.model_validate(settings).assess.groups == {"region": None}
    assert Codebook.model_validate(account).theme_ids == ("clarity", "timing")


NEWCOMERS = ("tour.md", "coming-from-bertopic.md", "coming-from-nvivo.md", "coming-from-spss.md")
GUIDES = ("example.md", "changing-topics.md", "coding.md", "other-programs.md", "publishing.md", *NEWCOMERS)


def _commands(page: str) -> list[list[str]]:
    """Return the commands in the blocks of a page, each as its words after "python -m pipeline"."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [line for language, block in blocks if not language for line in block.splitlines()]
    said = [shlex.split(line, comments=True)[3:] for line in lines if line.startswith("python -m pipeline ")]
    return [words for words in said if "…" not in words]


@pytest.mark.parametrize("page", GUIDES)
def test_every_command_of_a_page_is_one_that_the_program_takes(page: str):
    """The words of each command are read as the program reads them; nothing is run."""
    commands = _commands(page)
    assert commands
    for words in commands:
        command, name = typer.main.get_command(app), words[0]
        with command.make_context("pipeline", list(words)) as context:
            name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            while isinstance(found, click.Group):
                with found.make_context(name, rest, parent=context) as inner:
                    name, found, rest = found.resolve_command(inner, [*inner._protected_args, *inner.args])
            found.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", NEWCOMERS)
def test_commands_for_newcomers_that_look_into_a_run_do_so(page: str, finished: Survey, tmp_path: Path, command):
    """Those that need neither models nor a file of the reader's are carried out on a finished run."""
    carried_out = 0
    for words in _commands(page):
        if words[0] in ("topics", "export", "report", "open") and words[1] == "outputs/default":
            if words[0] == "open":
                continue
            more = ["--output", tmp_path / words[0]] if words[0] != "topics" else []
            result = command(words[0], finished.output, *words[2:], *more)
            assert result.exit_code == 0, result.output
            carried_out += 1
    assert carried_out or page == "tour.md"


def test_what_a_page_says_of_python_runs_on_a_finished_run(finished: Survey):
    text = (DOCS / "coming-from-bertopic.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    lines = code.replace('"outputs/default"', repr(str(finished.output))).replace('"role"', '"setting"').splitlines()
    # The search by meaning loads a model.
    exec("\n".join(line for line in lines if "meaning" not in line), {})  # noqa: S102 - the project's own page


def test_pictures_of_pages_are_small_and_have_words():
    for page in DOCS.glob("*.md"):
        for words, place in re.findall(r"!\[(.*?)\]\((images/[^)]+)\)", page.read_text(encoding="utf-8")):
            assert len(words.split()) >= 5, (page.name, place)
            assert (DOCS / place).stat().st_size < 200_000, place
    assert len(re.findall(r"^## \d\. ", (DOCS / "tour.md").read_text(encoding="utf-8"), re.MULTILINE)) == 5


def test_a_results_section_has_no_number_that_the_public_folder_lacks(finished: Survey):
    written = _generator("generate_example_results").results_section(load_run(finished.output))
    public = finished.output / "public"
    # What readers see is written from the public tables; the text may say nothing that is in none of these files.
    said = " ".join(
        path.read_text(encoding="utf-8-sig")
        for path in (*public.glob("*.csv"), public / "report.html", public / "methods.md",
                     *(public / "figures").glob("*.txt"), *(public / "tables").glob("*.csv"))
    )  # fmt: skip
    known = set(re.findall(r"\d+(?:[.,]\d+)*", said))
    shares = {f"{100 * float(number):.0f}" for number in known if re.fullmatch(r"[01]\.\d{6}", number)}
    numbers = re.findall(r"\d+(?:[.,]\d+)*", written)
    topics = load_run(finished.output).topics
    counts = {str(len(topics)), *map(str, range(len(topics) + 1)), f"{topics['stability'].median():.2f}"}
    assert len(numbers) > 20
    assert [number for number in numbers if number not in known | shares | counts] == []


def test_the_results_section_that_the_pages_show_is_of_the_illustrative_comments():
    text = (DOCS / "example-results.md").read_text(encoding="utf-8")
    assert text.startswith(_generator("generate_example_results")._OPENING)
    assert "Illustrative data" in text


def _generator(name: str):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_table_is_explained():
    text = (DOCS / "reading-the-results.md").read_text(encoding="utf-8")
    assert [place for place in published().values() if "/" not in place and f"`{place}`" not in text] == []


def test_every_setting_that_a_page_names_is_one():
    sections = {name: field.annotation for name, field in RunConfig.model_fields.items()}
    unknown = []
    for page in DOCS.glob("*.md"):
        for section, name in re.findall(r"`([a-z]+)\.([a-z_]+)`", page.read_text(encoding="utf-8")):
            fields = getattr(sections.get(section), "model_fields", None)
            # `quotations.csv` is a file.
            if fields is not None and name not in fields and name != "csv":
                unknown.append(f"{page.name}: {section}.{name}")
    assert unknown == []


def test_every_source_that_the_method_cites_is_cited_in_the_text():
    text = (DOCS / "how-it-works.md").read_text(encoding="utf-8")
    defined = re.findall(r"^\[\^(\w+)\]:", text, re.MULTILINE)
    used = set(re.findall(r"\[\^(\w+)\](?!:)", text))
    assert len(set(defined)) == len(defined)
    assert set(defined) == used


def test_what_the_checklist_points_at_is_there():
    text = (DOCS / "rap-checklist.md").read_text(encoding="utf-8")
    names = re.findall(r"`([\w./-]+(?:/|\.(?:md|toml|lock|py|cff))|LICENSE)`", text)
    # What a run writes is not in the project's folder.
    of_a_run = {
        "public/", "internal/", "outputs/", "methods.md", "public/methods.md", "public/reporting_checklist.md",
    }  # fmt: skip
    assert len(names) > 10
    assert [name for name in names if name not in of_a_run and not (ROOT / name).exists()] == []


def test_no_page_names_a_folder_of_somebodys_machine():
    found = [path.name for path in DOCS.glob("*.md")
             if re.search(r"(?<![\w.])/(?:home|Users|work|tmp|root)/", path.read_text(encoding="utf-8"))]  # fmt: skip
    assert found == []
