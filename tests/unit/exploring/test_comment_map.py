import html
import json
import re


def test_the_map_holds_every_distinct_comment_and_asks_no_network(run):
    shown = run.map()
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown._repr_html_())[1])
    assert page == shown.html
    data = json.loads(re.search(r'id="ex-data">(.*?)</script>', page, re.DOTALL)[1])
    assert sorted(data["text"]) == sorted(run._cleaned.distinct["text"])
    assert "Content-Security-Policy" in page
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["']?https?:|url\(\s*["']?https?:""", page)
    assert repr(shown) == "A map of 60 comments. A notebook shows it; .html is the page."


def test_the_map_says_what_every_output_must_say(run, monkeypatch):
    monkeypatch.setitem(run.__dict__, "_store", run._store)
    run.manifest["notice"] = "Made up & <tested>."
    assert "Made up &amp; &lt;tested&gt;." in run.map().html
