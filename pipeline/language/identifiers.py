"""Numbers and addresses in a comment that say who somebody is: telephone numbers, NHS numbers, postcodes and the like.

Forms of the United Kingdom. Where a number has a check digit, it must fit; where a number could be any other, a word
before it must say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

EMAIL, URL, PHONE, NHS_NUMBER, RECORD_NUMBER = "EMAIL", "URL", "PHONE", "NHS_NUMBER", "RECORD_NUMBER"
NI_NUMBER, PROFESSIONAL_NUMBER, VEHICLE = "NI_NUMBER", "PROFESSIONAL_NUMBER", "VEHICLE"
DATE_OF_BIRTH, POSTCODE, ADDRESS, CARD, IBAN = "DATE_OF_BIRTH", "POSTCODE", "ADDRESS", "CARD", "IBAN"

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_DATE = (
    r"(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? \d{{2,4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_IS = r"(?:\s?(?:no|number|num|pin|reg|registration|ref|reference|is|was|on|of)\b\.?|\s?[:#=(-]|\s){0,6}\s?"
"""What may stand between the word that says what a number is and the number."""

_POST_AREAS = (
    "AB|AL|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|B|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EC|EH|EN|EX|E|"
    "FK|FY|GL|GU|GY|G|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|L|ME|MK|ML|M|NE|NG|NN|NP|"
    "NR|NW|N|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|S|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|"
    "WC|WD|WF|WN|WR|WS|WV|W|YO|ZE"
)
_STREET = (
    "Street|St|Road|Rd|Lane|Close|Avenue|Ave|Drive|Court|Crescent|Gardens|Grove|Terrace|Place|Mews|Row|Square|Way|Rise"
)


@dataclass(frozen=True, order=True)
class Found:
    """A part of a text that says who somebody is: where it begins and ends, and of what type it is."""

    start: int
    end: int
    kind: str


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isdigit()]


def is_nhs_number(text: str) -> bool:
    """Return whether the tenth digit is the check digit (modulus 11) of the nine before it."""
    digits = _digits(text)
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    # A check of 10 fits no digit, and so many equal digits are somebody's filler.
    return len(digits) == 10 and check % 11 == digits[9] and len(set(digits)) > 1


def is_card_number(text: str) -> bool:
    """Return whether a number has the length, the first digit and the check digit (Luhn's) of a payment card."""
    digits = _digits(text)
    doubled = [digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits[::-1])]
    return 13 <= len(digits) <= 19 and digits[0] in (2, 3, 4, 5, 6) and sum(doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Return whether the check digits of an IBAN fit (modulus 97)."""
    plain = re.sub(r"\s", "", text).upper()
    return 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_phone_number(text: str) -> bool:
    """Return whether a number has as many digits as one of the United Kingdom: nine or ten after the 0 or +44."""
    return 9 <= len(re.sub(r"^(?:0{0,2}44)?0?", "", "".join(map(str, _digits(text))))) <= 10


def _any(_: str) -> bool:
    return True


def _plain(pattern: str, *, ignore_case: bool = True) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | (re.IGNORECASE if ignore_case else 0))


_POSTCODE = rf"(?:{_POST_AREAS})\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{{2}}"
_PLATE = r"[A-HJ-PR-Y]{2}(?:0[2-9]|[1-7]\d) ?[A-HJ-PR-Z]{3}"
_OLD_PLATE = r"[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]"
_RECORDS = r"MRN|(?:hospital|patient|record|unit|staff|payroll|employee)(?:'s)? (?:no|num|number|id)"
_TELEPHONE = r"(?:(?:\+|00)44[ -]?(?:\(0\)[ -]?)?\d{2,5}|\(?0[1-35789]\d{1,3})\)?(?:[ -]?\d){4,8}"

_FORMS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    (EMAIL, re.compile(r"(?<![\w.+'-])[\w+'-]+(?:\.[\w+'-]+)*@[\w-]+(?:\.[\w-]+)+"), _any),
    (EMAIL, re.compile(r"[\w.+-]+ ?[(\[]at[)\]] ?[\w-]+(?: ?(?:\.|[(\[]dot[)\]]) ?[\w-]+)+", re.IGNORECASE), _any),
    (URL, _plain(r"(?<![\w.@-])(?:[\w-]+\.)+(?:uk|com|org|net|info|io|eu)/[^\s<>]+"), _any),
    (IBAN, _plain(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?(?!\w)", ignore_case=False), is_iban),
    (CARD, _plain(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])"), is_card_number),
    (NHS_NUMBER, _plain(rf"\b(?:NHS|CHI)\b{_IS}(?P<it>\d{{3}}[ -]?\d{{3}}[ -]?\d{{4}})(?!\d)"), _any),
    (
        NHS_NUMBER,
        _plain(r"(?<![\d+-])(?<!\d )[1-9]\d\d(?P<gap>[ -]?)\d{3}(?P=gap)\d{4}(?![\d-])"),
        is_nhs_number,
    ),
    (RECORD_NUMBER, _plain(rf"\b(?:{_RECORDS})\b{_IS}(?P<it>[A-Z]{{0,3}}\d{{4,10}}[A-Z]?)\b"), _any),
    (
        NI_NUMBER,
        _plain(r"(?<!\w)(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d\d){3} ?[A-D](?!\w)"),
        _any,
    ),
    (PROFESSIONAL_NUMBER, _plain(rf"\b(?:GMC|GDC|GPhC|HCPC)\b{_IS}(?P<it>(?:[A-Z]{{2}})?\d{{5,7}})\b"), _any),
    (PROFESSIONAL_NUMBER, _plain(rf"\bNMC\b{_IS}(?P<it>\d\d[A-Z]\d{{4}}[A-Z])\b"), _any),
    (DATE_OF_BIRTH, _plain(rf"\b(?:born|dob|d\.o\.b\.?|date of birth|birthday){_IS}(?P<it>{_DATE})(?!\d)"), _any),
    (PHONE, _plain(rf"(?<![\w,.£$/-]){_TELEPHONE}(?![\w/])"), is_phone_number),
    (PHONE, _plain(rf"\b(?:ext(?:n|ension)?\.?|bleep|pager){_IS}(?P<it>\d{{3,6}})\b"), _any),
    (
        PHONE,
        _plain(
            rf"\b(?:tel|telephone|phone|mobile|mob|fax|(?:ring|call|text) me)\b{_IS}(?P<it>\d(?: ?\d){{5,11}})(?!\d)"
        ),
        _any,
    ),
    (POSTCODE, _plain(rf"(?<![\w-]){_POSTCODE}(?![\w-])", ignore_case=False), _any),
    (POSTCODE, _plain(rf"\bpost ?code\b{_IS}(?P<it>{_POSTCODE})\b"), _any),
    (VEHICLE, _plain(rf"(?<![\w-]){_PLATE}(?![\w-])", ignore_case=False), _any),
    (VEHICLE, _plain(rf"\b(?:registration|reg|number plate|car|van)\b{_IS}(?P<it>{_PLATE}|{_OLD_PLATE})\b"), _any),
    (
        ADDRESS,
        re.compile(
            rf"(?<![\w£.,/-])(?:(?:[Ff]lat|[Nn]o\.?) )?\d{{1,4}}[A-Za-z]?,? (?:[A-Z][a-z'’]+ ){{1,3}}(?:{_STREET})\b"
        ),
        _any,
    ),
)
"""Type, form and test, in the order in which they are looked for. A form may name the part that is meant "it"."""


def identifiers(text: str) -> Iterator[Found]:
    """Yield what a text holds of each type, in the order of the types; what is yielded may overlap."""
    for kind, form, fits in _FORMS:
        for found in form.finditer(text):
            part = "it" if "it" in form.groupindex else 0
            if fits(found[part]):
                yield Found(*found.span(part), kind)


KINDS = tuple(dict.fromkeys(kind for kind, _, _ in _FORMS))
"""The types, in the order in which they are looked for."""
