"""What the sandbox airline asks: made from route, day, flight and cabin alone, so that a price holds still."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bookable.domain.flights.ports import Baggage, Cabin, FareRules, FlightQuery, TravellerType
from bookable.kernel.errors import FieldError
from bookable.kernel.money import Money, exponent, share_bps

from .network import PRICE_CHANGES, chance

__all__ = ["RATES", "Place", "baggage", "capacity", "price", "rules"]

_FOR_A_DOLLAR = (
    "USD 1 EUR 0.92 GBP 0.79 CHF 0.88 CAD 1.37 AUD 1.52 NZD 1.66 JPY 150 CNY 7.2 HKD 7.8 SGD 1.34 INR 84 KRW 1350"
    " SEK 10.5 NOK 10.7 DKK 6.9 PLN 4 CZK 23.2 HUF 365 RON 4.6 BGN 1.8 ISK 138 TRY 34 ILS 3.7 UAH 41 AED 3.67"
    " SAR 3.75 QAR 3.64 KWD 0.307 BHD 0.377 ZAR 18 EGP 49 KES 129 BRL 5.5 MXN 19 CLP 940 COP 4100 ARS 980 THB 34"
    " IDR 15600 MYR 4.4 PHP 57 VND 25000 TWD 32"
)
_WORDS = _FOR_A_DOLLAR.split()
RATES = {c: int(Decimal(r) * 10_000) for c, r in zip(_WORDS[::2], _WORDS[1::2], strict=True)}
"""The sandbox's own rates: units of each currency for 10,000 US dollars."""

_CABINS = {Cabin.ECONOMY: 10_000, Cabin.PREMIUM_ECONOMY: 17_000, Cabin.BUSINESS: 34_000, Cabin.FIRST: 55_000}
_AGES = {TravellerType.ADULT: 10_000, TravellerType.CHILD: 7_500, TravellerType.INFANT: 1_000}
_SEATS = {Cabin.ECONOMY: 60, Cabin.PREMIUM_ECONOMY: 16, Cabin.BUSINESS: 12, Cabin.FIRST: 4}
_DEARER = 10_800
_CONNECTING = 8_200

Flown = tuple[str, date, int]
"""A flight, its day, and its kilometres."""

Place = tuple[str, date, Cabin]
"""Where seats are counted: a cabin of a flight on a day."""


def price(query: FlightQuery, flown: Sequence[Flown], *, shown: bool = False) -> Money:
    """The whole party's. From ZZP a search shows one price, and everything after it another."""
    if query.currency not in RATES:
        raise FieldError("currency", f"must be one of {', '.join(sorted(RATES))}")
    adult = sum(_adult(query.cabin, *flight) for flight in flown)
    if len(flown) > (2 if query.return_date else 1):
        adult = share_bps(adult, _CONNECTING)
    if query.origin == PRICE_CHANGES.iata and not shown:
        adult = share_bps(adult, _DEARER)
    total = sum(_converted(share_bps(adult, _AGES[kind]), query.currency) for kind in query.party)
    return Money(total, query.currency)


def rules(ref: str, query: FlightQuery) -> FareRules:
    """Some fares can be given back for a fee, most can be changed for one."""
    dice = chance("rules", ref)
    refundable, changeable = query.cabin is not Cabin.ECONOMY or dice % 3 == 0, dice % 4 > 0
    fee = Money(_converted((40_00 + dice % 7 * 10_00) * query.seats, query.currency), query.currency)
    return FareRules(
        refundable=refundable,
        changeable=changeable,
        refund_fee=fee if refundable else None,
        change_fee=fee if changeable else None,
    )


def baggage(ref: str, query: FlightQuery) -> Baggage:
    """In the better cabins two pieces, in economy one or none."""
    if query.cabin in {Cabin.BUSINESS, Cabin.FIRST}:
        return Baggage(carry_on=2, checked=2)
    return Baggage(carry_on=1, checked=int(query.cabin is Cabin.PREMIUM_ECONOMY or chance("bags", ref) % 2 == 0))


def capacity(flight: str, day: date, cabin: Cabin) -> int:
    """Seats for sale through us on that flight."""
    most = _SEATS[cabin]
    return most // 4 + chance("seats", flight, day, cabin) % (most - most // 4) + 1


def _adult(cabin: Cabin, flight: str, day: date, km: int) -> int:
    """US cents: something for every departure, by the kilometre less the farther it goes, more on some days."""
    by_distance = 29_00 + 7 * min(km, 1_500) + 5 * max(0, min(km, 6_000) - 1_500) + 4 * max(0, km - 6_000)
    demand = 8_000 + chance("fare", flight, day) % 6_000 + (1_200 if day.weekday() in {4, 6} else 0)
    return share_bps(share_bps(by_distance, demand), _CABINS[cabin])


def _converted(cents: int, currency: str) -> int:
    """US cents in the currency's minor units, rounded half up."""
    scaled: int = cents * RATES[currency] * 10 ** exponent(currency)
    return (scaled * 2 + 1_000_000) // 2_000_000
