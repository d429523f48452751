"""The documentation site is built, links to what there is, and asks no network for anything."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from pipeline.codebook.codebook import Codebook
from pipeline.config import RunConfig
from pipeline.tables.schema import published

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
    settings, account = _examples("your-own-survey.md")
    assert RunConfig.model_validate(settings).assess.groups == {"region": None}
    assert Codebook.model_validate(account).theme_ids == ("clarity", "timing")


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
