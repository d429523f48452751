from pipeline.formats.digests import NOTHING, HashedSet


def test_a_hashed_set_knows_its_texts_by_kind_and_shows_none():
    known = HashedSet("salt").joined([("id", "c0042"), ("words", "Tea\ud800 and toast")])
    assert known.holds("id", "c0042")
    assert known.holds("words", "Tea\ud800 and toast")
    assert not known.holds("words", "c0042")
    assert not known.holds("id", "c0043")
    assert "c0042" not in repr(known)
    assert not NOTHING.holds("id", "c0042")


def test_another_salt_gives_other_hashes():
    one, other = (HashedSet(salt).joined([("id", "c0042")]) for salt in ("a", "b"))
    assert one.hashes.isdisjoint(other.hashes)
