"""Airports are found as people type them."""

import subprocess
import sys
import time

import pytest

from bookable.domain.flights import airports


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lhr", "LHR"),
        ("LHR", "LHR"),
        ("London", "LHR"),
        ("lodnon", "LHR"),
        ("heatrow", "LHR"),
        ("new york", "JFK"),
        ("Zürich", "ZRH"),
        ("zurich", "ZRH"),
        ("munchen", "MUC"),
        ("san francsico", "SFO"),
        ("frnakfurt", "FRA"),
        ("barclona", "BCN"),
        ("sydny", "SYD"),
        ("São Paulo", "GRU"),
        ("tokio", "HND"),
        ("istambul", "IST"),
        ("charles de gaule", "CDG"),
        ("par", "CDG"),
    ],
)
def test_what_was_meant_comes_first(typed: str, meant: str) -> None:
    assert airports.search(typed)[0].iata == meant


def test_a_city_brings_all_its_airports_the_busiest_first() -> None:
    assert [a.iata for a in airports.search("london", limit=4)] == ["LHR", "LGW", "STN", "LTN"]


@pytest.mark.parametrize("typed", ["", "  ", "!?", "…", "qqqqqqqqqqqq"])
def test_nonsense_finds_nothing(typed: str) -> None:
    assert airports.search(typed) == []


def test_no_more_come_than_were_asked_for() -> None:
    assert len(airports.search("airport", limit=3)) == 3


def test_an_airport_knows_where_it_is() -> None:
    found = airports.find("jfk")
    assert found is not None
    assert (found.iata, found.city, found.country, found.time_zone) == ("JFK", "New York", "US", "America/New_York")
    assert airports.find("XXX") is None


def test_long_nonsense_costs_little() -> None:
    airports.search("warm")
    began = time.perf_counter()
    airports.search("lodnon heatrow airpotr " * 40)
    assert time.perf_counter() - began < 1


def test_once_warmed_nobody_waits_for_the_index() -> None:
    """In a process of its own: in this one somebody has asked already."""
    asks = (
        "import time; from bookable.domain import flights; from bookable.domain.flights import airports\n"
        "began = time.process_time(); flights.warm(); made = time.process_time() - began\n"
        "began = time.process_time(); airports.find('LHR'); airports.search('lodnon')\n"
        "print(made > 5 * (time.process_time() - began))"
    )
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "True"
