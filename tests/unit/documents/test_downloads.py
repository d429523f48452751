from pipeline.documents.downloads import downloads
from pipeline.tables.record import Heading, record

SHOWN = {
    name: record(name, "A caption", [Heading("Theme")], [["Money"]]) for name in ("topics", "candidates", "unwritten")
}
FILES = [
    "public/figures/crosswalk.svg", "public/figures/crosswalk.csv", "public/figures/crosswalk.alt.txt",
    "internal/figures/audit.png", "public/tables/topics.docx", "public/tables/topics.csv", "public/topics.csv",
    "public/methods.md", "internal/quotations.csv",
]  # fmt: skip


def hrefs(links):
    return {name: [link.href for link in of] for name, of in links.items()}


def test_a_page_in_public_links_to_what_lies_beside_it_alone():
    links, texts = downloads(FILES, SHOWN, room="public")
    assert hrefs(links) == {
        "figure/crosswalk": ["figures/crosswalk.svg", "figures/crosswalk.csv"],
        "table/topics": ["tables/topics.docx", "tables/topics.csv", "topics.csv"],
        "table/candidates": ["topics.csv"],
    }
    assert [link.said for link in links["table/topics"]] == ["Word", "CSV", "all numbers (CSV)"]
    assert [(link.said, link.href) for link in texts] == [("Methods, as text", "methods.md")]


def test_a_page_inside_links_to_its_own_figures_and_to_those_of_the_public_folder():
    links, texts = downloads(FILES, SHOWN, room="internal")
    assert hrefs(links)["figure/audit"] == ["figures/audit.png"]
    assert hrefs(links)["figure/crosswalk"] == ["../public/figures/crosswalk.svg", "../public/figures/crosswalk.csv"]
    assert texts[0].href == "../public/methods.md"
