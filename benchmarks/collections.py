"""Film collections of any size, made in the database: titles of words that are common, rarer, and hardly there."""

import hashlib

import httpx

from benchmarks.stacks import Person, fetch

__all__ = ["COMMON", "RARER", "fill", "sign_up", "word"]

COMMON, RARER = 50, 500
"""Every title has one of 50 words, one of 500, and one that it shares with four others, however many there are."""

_PASSWORD = "Bench-mark-4711"
_LETTERS = "aeioubdfgklmnprs"
_WORD = f"translate(substr(md5(%s), 1, 8), '0123456789abcdef', '{_LETTERS}')"
_FILMS = f"""
INSERT INTO films (tenant_id, owner_id, title, title_key, year, rating, watched, created_at, updated_at)
SELECT u.tenant_id, u.id, initcap(key), key, nullif(1900 + one % 121, 1900), nullif((two % 101) / 10.0, 0),
       one % 2 = 0, at, at
FROM users u CROSS JOIN LATERAL (
    SELECT n, one, two, now() - interval '1 minute' * ($2 - n) AS at,
        {_WORD % f"'common' || (one % {COMMON})"} || ' ' || {_WORD % f"'rarer' || (two % {RARER})"}
        || ' ' || {_WORD % "'rare' || (n % ($2 / 5))"} AS key
    FROM generate_series(1, $2) AS n,
        LATERAL (SELECT abs(hashint8(n)::bigint) AS one, abs(hashint8(n + 1000000007)::bigint) AS two) AS chance
) AS made
WHERE u.id = $1::uuid
"""
_TALLIES = """
INSERT INTO film_tallies (tenant_id, owner_id, year, films)
SELECT tenant_id, owner_id, coalesce(year, 0), count(*) FROM films WHERE owner_id = $1::uuid GROUP BY 1, 2, 3
"""


def sign_up(base: str, name: str) -> Person:
    """Somebody new at a Movies."""
    said = {"name": name, "email": f"{name}@example.com", "password": _PASSWORD}
    answer = httpx.post(f"{base}/auth/signup", json=said, timeout=30)
    answer.raise_for_status()
    data = answer.json()
    return Person(data["user"]["id"], data["accessToken"])


def fill(url: str, owner: Person, size: int) -> None:
    """So many films for somebody who has none."""
    fetch(url, _FILMS, owner.id, size)
    fetch(url, _TALLIES, owner.id)


def word(kind: str, number: int) -> str:
    """A word of the titles: `common` below `COMMON`, `rarer` below `RARER`, `rare` below a fifth of the films."""
    digits = hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()[:8]
    return "".join(_LETTERS[int(digit, 16)] for digit in digits)
