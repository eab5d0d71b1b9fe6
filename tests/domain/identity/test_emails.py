"""Two spellings of one address are one address; what is no address is refused."""

import string

import idna
import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email
from hypothesis import given
from hypothesis import strategies as st

from bookable.domain.identity import emails
from bookable.kernel.errors import ValidationFailed


@pytest.mark.parametrize(
    "spelling",
    [
        "Ada@Example.com",
        " ada@example.com ",
        "ADA@EXAMPLE.COM",
        "ａｄａ@example.com",  # full width
        "ada@ｅｘａｍｐｌｅ.com",
        "ada@example。com",  # ideographic full stop
    ],
)
def test_spellings_of_one_address_compare_equal(spelling: str) -> None:
    assert emails.comparable(spelling) == "ada@example.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ß@example.com", "SS@example.com"),
        ("\u212aelvin@example.com", "kelvin@example.com"),
        ("ﬁona@example.com", "FIona@example.com"),
        ("e\u0301va@example.com", "Éva@example.com"),
        ("me@bücher.example", "me@XN--BCHER-KVA.example"),
        ("me@BÜCHER.example", "me@bu\u0308cher.example"),
        ("\u1e9e@example.com", "ss@example.com"),
        ("ΑΔΑς@example.com", "αδασ@example.com"),
    ],
)
def test_case_and_unicode_forms_do_not_make_another_person(one: str, other: str) -> None:
    assert emails.comparable(one) == emails.comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "ada+news@example.com"),
        ("a.da@example.com", "ada@example.com"),
        ("аda@example.com", "ada@example.com"),  # Cyrillic
        ("ada@example.com", "ada@example.org"),
    ],
)
def test_other_addresses_stay_other_people(one: str, other: str) -> None:
    assert emails.comparable(one) != emails.comparable(other)


def test_comparing_twice_changes_nothing() -> None:
    for code in (*range(0x20, 0x3000), *range(0xF900, 0x10000)):
        once = emails.comparable(f"a{chr(code)}b@example.com")
        assert emails.comparable(once) == once, hex(code)


@pytest.mark.parametrize(
    "text", ["Ada@Example.com", "ada+x@bücher.example", "O'Neil@sub.example.test", "ü@example.com"]
)
def test_an_address_is_stored_as_given(text: str) -> None:
    assert emails.given(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "deleted-1@invalid",
        "ada@b.invalid",
        "a b@example.com",
        "Ada <ada@example.com>",
        "ada@exa mple.com",
        "ada@example.com\nBcc: x@y.com",
        "ada\x00@example.com",
        "\ud800@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 260 + ".com",
        "ada@-example.com",
    ],
)
def test_what_is_no_address_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        emails.given(text)
    assert refused.value.details["fields"][0]["field"] == "email"


_part = st.text(string.ascii_letters + string.digits + "_.+-", min_size=1, max_size=66)
_label = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=64)
_top = st.one_of(st.text(string.ascii_letters, min_size=1, max_size=25), st.sampled_from(SPECIAL_USE_DOMAIN_NAMES))


@given(_part, st.lists(_label, min_size=0, max_size=5), _top)
def test_what_is_taken_for_plain_is_an_address_by_the_long_way_too(local: str, labels: list[str], top: str) -> None:
    typed = f"{local}@{'.'.join([*labels, top])}"
    if emails._is_plain(typed):
        validate_email(typed, check_deliverability=False, test_environment=True, strict=True)
        domain = idna.encode(emails._domain(typed), uts46=True).decode()
        assert emails.comparable(typed) == f"{emails._folded(local)}@{domain}"
    assert not emails._is_plain(f"{typed}\n")


@pytest.mark.parametrize("text", ["ada@example.com", "Ada.Lovelace+news@Mail2.Example.org", "a_b-c@x.y.travel"])
def test_most_addresses_are_plain(text: str) -> None:
    assert emails._is_plain(text)
