from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.formats.csvfile import decoded, header_of, parsed

PATH = Path("x.csv")


def read(content, encoding="auto"):
    text, _ = decoded(content, PATH, encoding=encoding, notes=[])
    separator, _ = header_of(text, PATH, "auto")
    return parsed(text, PATH, separator)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"," * 2_000_000, "line 1: at most 100,000 columns are wanted, found 2,000,001"),
        (b"," * 20_000 + b"\na\n", "line 1: at most 10,000 columns are wanted, found 20,001"),
        (b"a,b\n1,2\n" + b"," * 2_000_000 + b"\n", "line 3: at most 100,000 columns are wanted, found 2,000,001"),
        (b'a,"b' + b"x" * 140_000, "line 1: a quotation mark is opened and never closed"),
        (b"a,b\n1," + b"x" * 1_000_001, "row 1 .* has 1,000,001 characters"),
        (b" \t\n \n", "the file is empty"),
        ("\u2003\u00a0\n".encode(), "the file is empty"),
        (b"\xff\xfe", "the file is empty"),
    ],
)
def test_what_is_no_table_is_told_at_once(content, said):
    with pytest.raises(DataError, match=said):
        read(content)


def test_a_comment_may_be_long_and_full_of_commas():
    rows = read(b'id,comment\n1,"' + b"a, " * 30_000 + b'"\n')
    assert len(rows["comment"][0]) == 90_000
