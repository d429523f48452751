"""Files of the last report are taken over where what they are made of is the same, and only there."""

import pytest

from pipeline.documents.earlier import RECORD, Earlier


def last_report(files, **made_of):
    """Return what returns the files of a report in which these parts were made of these hashes."""
    earlier = Earlier()
    for part, of in made_of.items():
        earlier.files(part, [], of=of)
    return {**files, RECORD: earlier.record}.get


def test_a_part_is_taken_over_where_it_is_made_of_the_same():
    earlier = Earlier(last_report({"a.png": b"A", "a.pdf": b"B"}, figure="one"))
    assert earlier.files("figure", ["a.png", "a.pdf"], of="one") == {"a.png": b"A", "a.pdf": b"B"}
    assert earlier.files("figure", ["a.png", "a.pdf"], of="two") is None
    assert earlier.files("another", ["a.png"], of="one") is None


def test_a_part_of_which_a_file_is_gone_is_made_anew():
    earlier = Earlier(last_report({"a.png": b"A"}, figure="one"))
    assert earlier.files("figure", ["a.png", "a.pdf"], of="one") is None


@pytest.mark.parametrize("record", [None, b"", b"{", b'{"made_of": 1}', b'{"made_of": {"figure": "one"}, "more": 1}'])
def test_without_a_record_that_can_be_read_all_is_made_anew(record):
    earlier = Earlier({"a.png": b"A", RECORD: record}.get)
    assert earlier.files("figure", ["a.png"], of="one") is None


def test_the_record_is_of_this_report_alone():
    earlier = Earlier(last_report({}, gone="one", stays="two"))
    earlier.files("stays", [], of="two")
    assert b"stays" in earlier.record
    assert b"gone" not in earlier.record


def test_a_document_is_made_once_for_the_same_content():
    made = []

    def make():
        made.append(1)
        return b"document"

    first = Earlier()
    content = first.below("public")("a.docx", ["text", 1], make)
    again = Earlier({"public/a.docx": content, RECORD: first.record}.get).below("public")
    assert again("a.docx", ["text", 1], make) == b"document"
    assert len(made) == 1
    assert again("a.docx", ["text", 2], make) == b"document"
    assert len(made) == 2
