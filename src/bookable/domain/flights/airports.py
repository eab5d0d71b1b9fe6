"""The world's airports, found by code, name or city even where a letter is wrong. All in memory, read once."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, islice, takewhile
from threading import Lock

import airportsdata

__all__ = ["BUSIEST", "Airport", "Airports", "find", "search", "warm"]

_BUSY = (
    "ATL DXB DFW LHR HND DEN IST ORD DEL LAX CAN ICN CDG PVG AMS JFK SIN MAD FRA BKK HKG PEK SZX MIA LAS MCO CLT"
    " BOM SEA CGK PHX EWR KUL BCN DOH MEX FCO SFO IAH MNL JED LGW YYZ SYD MUC NRT BOS MSP FLL SGN GRU BOG ORY PMI"
    " LIS DUB ZRH VIE CPH OSL ARN HEL BRU MAN STN MXP ATH WAW PRG BUD BER DUS HAM GVA LTN LCY LGA IAD DCA SAN TPE"
    " MEL BNE AKL PER YVR YUL CAI JNB CPT NBO ADD LOS CMN SCL LIM EZE GIG PTY CUN KIX AUH RUH TLV KEF EDI NCE"
)
BUSIEST = tuple(_BUSY.split())
"""Roughly in the order of their passengers: of two that fit alike, this one is meant."""

_RANK = {code: n for n, code in enumerate(BUSIEST)}
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "’": "", "'": ""})
_ALIKE, _NEARLY, _LONGER = 0.4, 0.75, 3
_NEAR = 40.0
_warming = Lock()


@dataclass(frozen=True, slots=True)
class Airport:
    """`country` is ISO 3166 alpha-2, `time_zone` an IANA name, `latitude` and `longitude` degrees."""

    iata: str
    name: str
    city: str
    country: str
    time_zone: str
    latitude: float
    longitude: float


class Airports:
    """An index over airports: `find` by code, `search` as people type.

    Lists and tuples where a set would say more: most of these thousands have one member, and a set takes thrice that.
    """

    def __init__(self, airports: Iterable[Airport]) -> None:
        self._by_code = {a.iata: a for a in airports}
        self._having: dict[str, list[str]] = defaultdict(list)
        self._spelling: dict[str, list[str]] = defaultdict(list)
        self._in_city: dict[str, tuple[str, ...]] = {}
        for airport in self._by_code.values():
            self._in_city[airport.iata] = tuple(_words(airport.city))
            for word in {airport.iata.lower(), *_words(f"{airport.name} {airport.city}")}:
                self._having[word].append(airport.iata)
        self._words = sorted(self._having)
        self._pieces: dict[str, int] = {}
        for word in self._words:
            grams = _grams(word)
            self._pieces[word] = len(grams)
            for gram in grams:
                self._spelling[gram].append(word)

    def __len__(self) -> int:
        return len(self._by_code)

    def find(self, code: str) -> Airport | None:
        """The airport with that IATA code, in capitals or not."""
        return self._by_code.get(code.upper())

    def search(self, text: str, *, limit: int = 10) -> list[Airport]:
        """Best first. Every word must fit: as a code, as a word's beginning, or nearly; accents don't matter."""
        words = _words(text)[:6]
        if not words:
            return []
        scores = [self._fitting(word) for word in words]
        common = set(scores[0]).intersection(*scores[1:])
        total = {code: sum(s[code] for s in scores) + self._bonus(code, words) for code in common}
        ranked = sorted(total, key=lambda code: (-total[code], _RANK.get(code, len(_RANK)), code))
        return [self._by_code[code] for code in ranked[:limit]]

    def _fitting(self, typed: str) -> dict[str, float]:
        """How well each airport fits one word that was typed; 100 is letter by letter."""
        fitting: dict[str, float] = {}
        for word, score in self._meant(typed).items():
            for code in self._having[word]:
                weight = score + (10 if word in self._in_city[code] else 0)
                fitting[code] = max(fitting.get(code, 0), weight)
        return fitting

    def _meant(self, typed: str) -> dict[str, float]:
        """The words that may have been meant. Where one begins as typed, a mere likeness is not looked for."""
        exact = {word: 100.0 if word == typed else 70.0 for word in self._beginning(typed)}
        return exact if exact or len(typed) < 3 else self._alike(typed)

    def _beginning(self, typed: str) -> Iterator[str]:
        there = bisect_left(self._words, typed)
        return takewhile(lambda word: word.startswith(typed), islice(self._words, there, None))

    def _alike(self, typed: str) -> dict[str, float]:
        """Words with many of the same pairs of letters: of all that come near, those that do so nearly best."""
        grams = _grams(typed)
        shared = Counter(chain.from_iterable(self._spelling.get(gram, ()) for gram in grams))
        share = {
            word: 2 * n / (len(grams) + self._pieces[word])
            for word, n in shared.items()
            if abs(len(word) - len(typed)) <= _LONGER
        }
        least = max(_ALIKE, _NEARLY * max(share.values(), default=0))
        return {word: _NEAR * n for word, n in share.items() if n >= least}

    def _bonus(self, code: str, words: list[str]) -> float:
        """The code itself is meant before all else; then the city by its whole name, then where most people fly."""
        if words == [code.lower()]:
            return 1_000
        whole = 15 if set(words) == set(self._in_city[code]) else 0
        return whole + (8 if code in _RANK else 0)


@cache
def _world() -> Airports:
    return Airports(_known())  # their rows are gone by now: what they took serves the index


def _known() -> list[Airport]:
    rows = airportsdata.load("IATA").values()
    return [
        Airport(a["iata"], a["name"], a["city"], a["country"], a["tz"], a["lat"], a["lon"]) for a in rows if a["tz"]
    ]


def warm() -> None:
    """Make the index now, so that no request waits for it: a third of a second, in whichever thread has time."""
    with _warming:
        _world()


def find(code: str) -> Airport | None:
    """The airport with that IATA code, or None."""
    return _world().find(code)


def search(text: str, *, limit: int = 10) -> list[Airport]:
    """Airports as people type them, best first; empty where nothing comes near."""
    return list(_found(text.strip().lower(), limit))


@lru_cache(maxsize=4_096)
def _found(text: str, limit: int) -> tuple[Airport, ...]:
    """Everybody types the same few things, letter by letter."""
    return tuple(_world().search(text, limit=limit))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))


def _grams(word: str) -> set[str]:
    """Pairs of letters, with the word's ends marked: short words need small pieces."""
    marked = f"^{word}$"
    return {marked[i : i + 2] for i in range(len(marked) - 1)}
