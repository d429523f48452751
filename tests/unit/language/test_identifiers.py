import pytest

from pipeline.language.identifiers import identifiers, is_card_number, is_iban, is_nhs_number


@pytest.mark.parametrize("number", ["943 476 5919", "999 042 7712", "4010232137", "987-654-3210"])
def test_the_check_digit_of_an_nhs_number_is_the_last(number):
    assert is_nhs_number(number)
    last = (int(number[-1]) + 1) % 10
    assert not is_nhs_number(f"{number[:-1]}{last}")


@pytest.mark.parametrize("number", ["", "12345", "0000000000", "1111111111", "94347659190"])
def test_no_other_number_is_an_nhs_number(number):
    assert not is_nhs_number(number)


def test_check_digits_of_cards_and_accounts():
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
    assert not is_card_number("1111 1111 1111 1117")
    assert is_iban("GB29 NWBK 6016 1331 9268 19")
    assert not is_iban("GB28 NWBK 6016 1331 9268 19")


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("GMC number 7654321 is asked for", "PROFESSIONAL_NUMBER", "7654321"),
        ("ring (0161) 496 0123.", "PHONE", "(0161) 496 0123"),
        ("on ext. 4417 today", "PHONE", "4417"),
        ("NHS no: 111 222 3333", "NHS_NUMBER", "111 222 3333"),
        ("dob 03/02/1931, sent home", "DATE_OF_BIRTH", "03/02/1931"),
        ("at M1 1AE only", "POSTCODE", "M1 1AE"),
    ],
)
def test_a_number_is_found_and_the_word_before_it_left(text, kind, part):
    assert [(one.kind, text[one.start : one.end]) for one in identifiers(text)] == [(kind, part)]


@pytest.mark.parametrize(
    "text",
    [
        "7654321 was the ticket", "on 03/02/1931", "in 2019 2020 2021", "Q11 1AE is a form", "943 476 5918 is an order",
        "it cost £01632960417", "version 0.16324960123", "ab12 cde",
    ],
)  # fmt: skip
def test_a_number_that_may_be_any_is_left(text):
    assert list(identifiers(text)) == []
