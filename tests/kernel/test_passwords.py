"""Weak passwords are refused; right ones are recognised whatever system hashed them; hashing can't flood us."""

import asyncio
import hashlib
import platform
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator

import bcrypt
import pytest

from bookable.kernel.errors import Unavailable, ValidationFailed
from bookable.kernel.security import PasswordHasher, PasswordPolicy, password_parameters

STARRYMEET = PasswordPolicy()
SIOREE = PasswordPolicy(letter_and_digit=False, refuse_common=False)


@pytest.fixture(scope="module")
def hasher() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher()
    yield hasher
    hasher.close()


def problem(policy: PasswordPolicy, password: str, email: str = "eve.adams@example.com") -> str | None:
    try:
        policy.check(password, email=email, field="newPassword")
    except ValidationFailed as refusal:
        (field,) = refusal.details["fields"]
        assert field["field"] == "newPassword"
        return str(field["message"])
    return None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("a1b2c3d", "at least 8"),
        ("a1" * 65, "at most 128"),
        ("a1" * 500_000, "at most 128"),
        ("onlyletters", "one digit"),
        ("8675309867", "one letter"),
        ("Password123", "most common"),
        ("QWERTY123", "most common"),
        ("Eve.Adams@example.com1"[:-1], "letter and one digit"),
        ("half a pair \ud83d 1", "valid characters"),
    ],
)
def test_what_the_policy_refuses(password: str, reason: str) -> None:
    assert reason in (problem(STARRYMEET, password) or "accepted")


@pytest.mark.parametrize("password", ["r2d2@example.com", " R2D2@Example.com", "R2D2r2d2"])
def test_the_email_or_its_local_part_is_no_password(password: str) -> None:
    email = "r2d2r2d2@example.com" if "@" not in password else "r2d2@example.com"

    assert "email" in (problem(STARRYMEET, password, email) or "accepted")


@pytest.mark.parametrize("password", ["Bookable-demo-1", "a1" * 64, "пароль-42-длинный", "🔑🔑🔑🔑🔑🔑a1", "nul\0nul1"])
def test_what_the_policy_accepts(password: str) -> None:
    assert problem(STARRYMEET, password) is None


def test_another_product_has_another_policy() -> None:
    assert problem(SIOREE, "password123") is None
    assert problem(SIOREE, "short") is not None


async def test_a_hash_is_argon2id_of_the_known_strength_and_never_the_same_twice(hasher: PasswordHasher) -> None:
    first, second = await asyncio.gather(hasher.hash("Bookable-demo-1"), hasher.hash("Bookable-demo-1"))

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert password_parameters() == "argon2id m=19456,t=2,p=1"
    assert not hasher.needs_upgrade(first)


@pytest.mark.parametrize(
    ("right", "twin"),
    [
        ("nul\0one1", "nul\0two1"),
        ("a1" * 36 + "X", "a1" * 36 + "Y"),
        ("🔑" * 20, "🔑" * 19 + "🔒"),
        ("x" * 999 + "1", "x" * 999 + "2"),
        ("half \ud83d", "half ?"),
    ],
)
async def test_every_character_counts(hasher: PasswordHasher, right: str, twin: str) -> None:
    stored = await hasher.hash(right)

    assert await hasher.verify(stored, right)
    assert not await hasher.verify(stored, twin)


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
async def test_a_bcrypt_hash_verifies_by_its_72_bytes_and_wants_an_upgrade(hasher: PasswordHasher, prefix: str) -> None:
    long = "p" * 72
    stored = prefix + bcrypt.hashpw(long.encode(), bcrypt.gensalt(4)).decode().removeprefix("$2b$")

    assert await hasher.verify(stored, long)
    assert await hasher.verify(stored, long + "what bcrypt never saw")
    assert not await hasher.verify(stored, "q" + long[1:])
    assert hasher.needs_upgrade(stored)


async def test_djangos_hashes_verify(hasher: PasswordHasher) -> None:
    digest = hashlib.sha256(b"secret-1").hexdigest().encode()
    by_bcrypt = "bcrypt_sha256$" + bcrypt.hashpw(digest, bcrypt.gensalt(4)).decode()
    derived = b64encode(hashlib.pbkdf2_hmac("sha256", b"secret-1", b"salt", 1000)).decode()
    by_pbkdf2 = f"pbkdf2_sha256$1000$salt${derived}"

    for stored in (by_bcrypt, by_pbkdf2):
        assert await hasher.verify(stored, "secret-1")
        assert not await hasher.verify(stored, "secret-2")
        assert hasher.needs_upgrade(stored)


@pytest.mark.parametrize("stored", ["", "plain", "$2b$04$short", "$argon2id$broken", "pbkdf2_sha256$x$y", "!"])
async def test_what_is_no_hash_matches_nothing(hasher: PasswordHasher, stored: str) -> None:
    assert not await hasher.verify(stored, stored)


async def test_an_unknown_account_takes_as_long_as_a_wrong_password(hasher: PasswordHasher) -> None:
    stored = await hasher.hash("Bookable-demo-1")
    known: list[float] = []
    unknown: list[float] = []
    for _ in range(7):
        for of, times in ((stored, known), (None, unknown)):
            start = time.process_time()
            assert not await hasher.verify(of, "nobody has this password")
            times.append(time.process_time() - start)

    assert min(unknown) == pytest.approx(min(known), rel=0.5)


async def test_a_megabyte_of_password_is_refused_without_work(hasher: PasswordHasher) -> None:
    stored, huge = await hasher.hash("Bookable-demo-1"), "x" * 1_000_000

    start = time.thread_time()
    assert not await hasher.verify(stored, huge)

    assert time.thread_time() - start < 0.01


async def test_beyond_its_queue_hashing_says_so_at_once_and_recovers() -> None:
    hasher = PasswordHasher(threads=1, waiting=4)

    answers = await asyncio.gather(*(hasher.hash(f"p{n}") for n in range(30)), return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 25
    assert all(refusal.retry_after for refusal in refused)
    await asyncio.sleep(0)
    assert (await hasher.hash("again")).startswith("$argon2id$")
    hasher.close()


async def test_a_caller_who_gives_up_leaves_the_queue() -> None:
    hasher = PasswordHasher(threads=1, waiting=2)
    tasks = [asyncio.create_task(hasher.hash("p")) for _ in range(3)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.2)

    assert len(await asyncio.gather(*(hasher.hash("p") for _ in range(3)))) == 3
    hasher.close()


async def test_the_event_loop_goes_on_while_passwords_are_hashed(hasher: PasswordHasher) -> None:
    hashing = asyncio.gather(*(hasher.hash(f"p{n}") for n in range(12)))
    longest, before = 0.0, time.perf_counter()
    while not hashing.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    await hashing

    assert longest < 0.1


_HASHING = """
import asyncio
from pathlib import Path
from bookable.kernel import memory
from bookable.kernel.security import PasswordHasher

def resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

async def main() -> None:
    memory.keep_together()
    hasher = PasswordHasher(threads=1, idle=0.3)
    before = resident()
    for _ in range(3):
        await hasher.hash("a long enough passphrase")
    working = resident()
    await asyncio.sleep(1.5)
    print(working - before, resident() - before)
    hasher.close()

asyncio.run(main())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="nothing is handed back elsewhere")
def test_the_memory_that_hashing_takes_is_given_back_when_nobody_signs_in_any_more() -> None:
    said = subprocess.run([sys.executable, "-c", _HASHING], capture_output=True, text=True, check=True, timeout=60)

    working, idle = (float(megabytes) for megabytes in said.stdout.split())

    assert working > 15
    assert idle < working - 15
