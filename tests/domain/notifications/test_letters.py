"""What letters look like: the same in text and HTML, whatever people have typed into them."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from bookable.domain.notifications import AboutAccount, AboutBooking, Kind, Site
from bookable.domain.notifications.letters import as_html, as_text, subject, write
from bookable.domain.notifications.wording import amount, called, day_and_time, utc_time
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money

SITE = Site("StarryMeet", "starrymeet", "https://starrymeet.example/")
NOON = datetime(2026, 5, 8, 21, tzinfo=UTC)
ACCOUNTS = {Kind.VERIFY_EMAIL, Kind.RESET_PASSWORD, Kind.PASSWORD_CHANGED, Kind.SESSION_STOLEN}
PAYLOADS = [
    "<script>window.__x=1</script>",
    "<img src=x onerror=window.__x=1>",
    '"><svg onload=window.__x=1>',
    "' onmouseover='window.__x=1",
    "</title><script>window.__x=1</script>",
    "</style><script>window.__x=1</script>",
    "</td></tr></table><iframe src=javascript:window.__x=1>",
    "<a href='javascript:window.__x=1'>x</a>",
    "&lt;script&gt;window.__x=1&lt;/script&gt;",
    "{{7*7}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "<!--",
    "]]>",
    "<math><mi//xlink:href='data:x,<script>window.__x=1</script>'>",
]


def facts(**given: Any) -> AboutBooking:
    usual: dict[str, Any] = {
        "booking_id": new_id(),
        "number": "BK-2026-123056",
        "provider": "Grace Hopper",
        "offer": "standard",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(minutes=30),
        "time_zone": "America/Los_Angeles",
        "sequence": 0,
        "contact_name": "Ada",
        "contact_email": "ada@customer.example",
        "special_requests": None,
        "currency": "USD",
        "total_cents": 12_000,
        "is_guest": False,
    }
    return AboutBooking(**{**usual, **given})


def rendered(kind: Kind, **given: Any) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    about = AboutAccount(first_name=given.get("contact_name", "Ada")) if kind in ACCOUNTS else facts(**given)
    letter = write(kind, msgspec.to_builtins(about), SITE, "to-ken_1")
    title = subject(kind, about)
    return title, as_text(letter, SITE), as_html(letter, SITE, title)


class Reader(HTMLParser):
    """What a mail program would show, and every tag and attribute that it would meet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in {"href", "src"}}
        self._hidden += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data.strip())


@pytest.mark.parametrize("kind", Kind)
def test_text_and_html_say_the_same(kind: Kind) -> None:
    title, text, page = rendered(kind, refund_cents=7_452, by="provider", is_guest=False)
    assert "\n" not in title
    for words in Reader(page).words:
        if not words.startswith("If the button"):
            assert " ".join(words.split()) in " ".join(text.split()), words
    assert Reader(page).links == set(re.findall(r"https?://\S+", text))
    assert all(link.startswith("https://starrymeet.example/") for link in Reader(page).links)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "kind", [Kind.BOOKING_CONFIRMED, Kind.PROVIDER_BOOKED, Kind.BOOKING_CANCELLED, Kind.VERIFY_EMAIL]
)
def test_what_people_type_stays_text(kind: Kind, payload: str) -> None:
    _, _, plain = rendered(kind, special_requests="x")
    _, text, page = rendered(kind, provider=payload, contact_name=payload, special_requests=payload)
    seen, usual = Reader(page), Reader(plain)
    assert seen.tags == usual.tags
    assert seen.attributes == usual.attributes
    assert seen.links == usual.links
    assert "49" not in text.replace(payload, "")
    if kind is not Kind.VERIFY_EMAIL:  # greetings leave such names out
        assert payload in "".join(seen.words) or " ".join(payload.split()) in " ".join(seen.words)


def test_one_thing_to_press_and_nothing_to_load() -> None:
    _, _, page = rendered(Kind.BOOKING_CONFIRMED)
    assert page.count('class="button"') == 1
    assert not Reader(page).tags & {"img", "script", "link", "iframe", "video", "object"}
    assert "url(" not in page
    assert "@import" not in page


def test_a_name_that_reads_like_a_link_is_no_message_to_a_stranger() -> None:
    assert called("Ada Byron") == "Hello Ada Byron,"
    assert called("J. R. R. Tolkien") == "Hello J. R. R. Tolkien,"
    assert called("王秀英") == "Hello 王秀英,"
    for spam in ("Win at https://evil.example", "www.evil.example", "Claim: evil.com/x", "evil.com", "a@evil.com"):
        assert called(spam) == "Hello,"


def test_times_are_told_at_the_place_and_in_utc() -> None:
    end = NOON + timedelta(minutes=30)
    there = day_and_time(NOON, end, "America/Los_Angeles")
    assert there == "Friday 8 May 2026, 14:00–14:30 PDT (America/Los_Angeles)"
    assert day_and_time(NOON, end, "Asia/Dubai") == "Saturday 9 May 2026, 01:00–01:30 Asia/Dubai"
    assert day_and_time(NOON, end, "UTC") == "Friday 8 May 2026, 21:00–21:30 UTC"
    assert utc_time(NOON, end) == "8 May 2026, 21:00–21:30 UTC"


def test_the_hour_that_comes_twice_is_named() -> None:
    first = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    zone = "America/Los_Angeles"
    half_an_hour, an_hour = timedelta(minutes=30), timedelta(hours=1)
    assert day_and_time(first, first + half_an_hour, zone) == f"Sunday 1 November 2026, 01:30 PDT–01:00 PST ({zone})"
    assert "PST" in day_and_time(first + an_hour, first + an_hour + half_an_hour, zone)


@pytest.mark.parametrize(
    ("cents", "currency", "written"),
    [(12_000, "USD", "USD 120.00"), (500, "JPY", "JPY 500"), (1_234, "KWD", "KWD 1.234")],
)
def test_amounts_have_their_currency_s_own_digits(cents: int, currency: str, written: str) -> None:
    assert amount(Money(cents, currency)) == written


@pytest.mark.parametrize(("refund", "said"), [(7_452, "USD 74.52 go back"), (0, "nothing is refunded")])
def test_a_cancellation_says_what_goes_back(refund: int, said: str) -> None:
    _, text, _ = rendered(Kind.BOOKING_CANCELLED, refund_cents=refund, by="customer")
    assert said in text


def test_only_a_guest_s_first_mail_holds_the_key() -> None:
    for kind in set(Kind) - ACCOUNTS:
        _, text, page = rendered(kind, is_guest=True)
        assert ("to-ken_1" in text + page) == (kind is Kind.BOOKING_RECEIVED), kind
