"""A price's lines are whole minor units that always add up, and none is ever below zero."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookable.domain import bookings
from bookable.kernel.ids import new_id
from tests.make_bookings import POLICY


def promo(**kind: Any) -> bookings.Promo:
    whole = dict.fromkeys(bookings.Promo.__struct_fields__)
    return bookings.Promo(**{**whole, "id": new_id(), "code": "X", "currency": "USD", **kind})


def test_starrymeets_own_example() -> None:
    quote = bookings.price(20_000, "USD", POLICY, None)
    assert (quote.platform_fee_cents, quote.tax_cents, quote.total_cents) == (3_000, 1_840, 24_840)


def test_a_percentage_is_of_the_subtotal() -> None:
    quote = bookings.price(20_000, "USD", POLICY, promo(percent_off=10))
    assert (quote.discount_cents, quote.tax_cents, quote.total_cents) == (2_000, 1_680, 22_680)


def test_a_hundred_percent_leaves_nothing_to_pay() -> None:
    quote = bookings.price(20_000, "USD", POLICY, promo(percent_off=100))
    assert (quote.discount_cents, quote.tax_cents, quote.total_cents) == (23_000, 0, 0)


def test_an_amount_goes_as_far_as_there_is() -> None:
    quote = bookings.price(20_000, "USD", POLICY, promo(amount_off_cents=99_999))
    assert (quote.discount_cents, quote.total_cents) == (23_000, 0)


def test_half_a_cent_is_rounded_up() -> None:
    quote = bookings.price(10, "USD", POLICY, None)
    assert (quote.platform_fee_cents, quote.tax_cents) == (2, 1)


@given(
    subtotal=st.integers(0, 10_000_000),
    fee_bps=st.integers(0, 10_000),
    tax_bps=st.integers(0, 10_000),
    off=st.one_of(
        st.none(),
        st.integers(1, 100).map(lambda n: promo(percent_off=n)),
        st.integers(1, 20_000_000).map(lambda n: promo(amount_off_cents=n)),
    ),
)
def test_the_lines_add_up(subtotal: int, fee_bps: int, tax_bps: int, off: bookings.Promo | None) -> None:
    policy = bookings.Policy(fee_bps=fee_bps, tax_bps=tax_bps, parts=())
    q = bookings.price(subtotal, "USD", policy, off)
    assert q.subtotal_cents + q.platform_fee_cents - q.discount_cents + q.tax_cents == q.total_cents
    assert min(q.platform_fee_cents, q.discount_cents, q.tax_cents, q.total_cents) >= 0
    assert q.discount_cents <= q.subtotal_cents + q.platform_fee_cents


@pytest.mark.parametrize(
    ("notice", "percent"),
    [
        (timedelta(hours=48), 100),
        (timedelta(hours=48, microseconds=-1), 50),
        (timedelta(hours=24), 50),
        (timedelta(hours=24, microseconds=-1), 0),
        (timedelta(0), 0),
    ],
)
def test_whoever_cancels_at_the_very_hour_is_still_in_time(notice: timedelta, percent: int) -> None:
    starts_at = datetime(2027, 3, 28, 9, tzinfo=UTC)
    assert POLICY.tier(starts_at, starts_at - notice).percent == percent
