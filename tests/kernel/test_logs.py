"""Each event is one line that carries its request's id, and no secret, whoever logs it."""

import asyncio
import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bookable.kernel import logs
from bookable.kernel.redaction import redacted


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure("INFO", stream=stream)
    yield stream
    logs.configure("WARNING")


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_a_json_line_with_time_and_level(out: io.StringIO) -> None:
    logs.get_logger("bookings").info("booking placed", booking_id=7)

    (line,) = lines(out)
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "source": "bookings", "event": "booking placed", "booking_id": 7}


HOSTILE = ["a\nb", "a\r\nX-Fake: x", "nul\0", "u\u2028v\u2029w\x85", "\x1b[31mred", '"}\n{"level":"fake', "\ud800"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_breaks_its_line(out: io.StringIO, text: str) -> None:
    logs.get_logger().info(text, name=text, **{text: text})
    logging.getLogger("other").warning("%s", text)
    logs.info_without_secrets("request", path=text)

    assert [line["event"] for line in lines(out)] == [text, text, "request"]


@pytest.mark.parametrize("text", HOSTILE)
def test_on_a_terminal_neither(text: str) -> None:
    stream = io.StringIO()
    logs.configure("INFO", json=False, stream=stream)

    logs.get_logger().info(text, name=text)

    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    stream.getvalue().encode()


async def test_what_is_bound_stays_with_its_task(out: io.StringIO) -> None:
    async def request(number: int) -> None:
        logs.bind(request_id=number)
        await asyncio.sleep(0)
        logs.get_logger().info("seen", number=number)
        logs.info_without_secrets("request", number=number)

    await asyncio.gather(*(asyncio.create_task(request(n)) for n in range(5)))

    assert len(lines(out)) == 10
    assert all(line["request_id"] == line["number"] for line in lines(out))
    assert "request_id" not in logs.bound()


async def test_what_begins_anew_forgets_what_was_bound_before(out: io.StringIO) -> None:
    logs.begin(request_id=1)
    logs.bind(user_id=7)
    logs.get_logger().info("first")
    logs.begin(request_id=2)
    logs.get_logger().info("second")

    first, second = lines(out)
    assert (first["request_id"], first["user_id"]) == (1, 7)
    assert second["request_id"] == 2
    assert "user_id" not in second


def test_the_standard_library_logs_here_too_with_its_traceback_in_the_same_line(out: io.StringIO) -> None:
    uvicorn = logging.getLogger("uvicorn.error")
    try:
        raise ValueError("Bearer abcdefghijkl")
    except ValueError:
        uvicorn.exception("went %s", "wrong")
    uvicorn.debug("not at this level")
    logging.getLogger("uvicorn.access").info("GET /?token=secret")

    (line,) = lines(out)
    assert (line["event"], line["source"], line["level"]) == ("went wrong", "uvicorn.error", "error")
    assert "ValueError" in line["exception"]
    assert "abcdefghijkl" not in out.getvalue()


CANARY = "c4n4ry-S3cret"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c4n4ry-S3cret"


@pytest.mark.parametrize(
    "values",
    [
        {"password": CANARY},
        {"newPassword": CANARY},
        {"Authorization": CANARY},
        {"accessToken": CANARY},
        {"refresh_token": [CANARY]},
        {"client_secret": {"deep": CANARY}},
        {"headers": {"set-cookie": CANARY}},
        {"card": {"number": CANARY}},
        {"body": [{"deep": ({"apiKey": CANARY},)}]},
        {"text": f"Authorization: Bearer {CANARY}"},
        {"text": f"bearer {CANARY}"},
        {"text": JWT},
        {"text": f"before {JWT} after"},
        {"text": f"GET /verify?token={CANARY}&x=1"},
        {"text": f"?access_token={CANARY}"},
        {"text": f"?accessToken={CANARY}"},
        {"text": f"&code={CANARY}"},
        {"text": f"input_value={{'password': 'one two {CANARY}'}}"},
        {"text": f'{{"refreshToken": "{CANARY}"}}'},
        {"text": f"postgresql://bookable:{CANARY}@db/bookable"},
        {"text": f"redis://:{CANARY}@cache"},
        {"text": f"https://api.telegram.org/bot42:{CANARY}/sendMessage"},
        {"text": f"$2b$12${CANARY}"},
        {"text": f"$argon2id$v=19$m=19456,t=2,p=1${CANARY}"},
        {"raw": f"token={CANARY}".encode()},
        {"error": ValueError(f"password={CANARY}")},
    ],
)
def test_a_secret_is_not_written_whatever_it_is_called_or_wherever_it_stands(
    out: io.StringIO, values: dict[str, Any]
) -> None:
    logs.get_logger().info("seen", **values)

    assert CANARY not in out.getvalue()
    assert "[redacted]" in out.getvalue()


@pytest.mark.parametrize(
    "secret",
    ["sk_test_51H8abcDEF", "rk_live_abc123", "whsec_c2FuZGJveA==", "pi_3Nabc_secret_xYz123", "SG.abc-1.def_2"],
)
def test_keys_of_providers_are_known_by_their_look(secret: str) -> None:
    assert secret.split("_")[-1] not in redacted(f"key {secret} was wrong")


def test_card_numbers_are_hidden_and_other_long_numbers_are_not() -> None:
    assert redacted("paid with 4242424242424242") == "paid with [redacted]"
    assert redacted("4242 4242 4242 4242") == "[redacted]"
    assert redacted("5555-5555-5555-4444.") == "[redacted]."
    assert redacted("at 1700000000000000001") == "at 1700000000000000001"


def test_what_is_no_secret_stays() -> None:
    harmless = {
        "token_version": 3,
        "tokenType": "access",
        "expiresIn": 900,
        "event": "booking placed",
        "route": "/starrymeet/api/celebrities/{id}",
        "user_id": "0190a2b4-7c1e-7000-8000-000000000001",
        "code": "status code: 409",
        "note": "the key was found under the basic mat",
        "nothing": None,
        "yes": True,
    }

    assert redacted(harmless) == harmless


@pytest.mark.parametrize(
    "piece", ["a", "token", 'token="', "1 ", "eyJ", "://", "a:b@", "password", "$argon2", "Bearer "]
)
def test_no_text_takes_long(piece: str) -> None:
    start = time.thread_time()
    shortened = redacted(f"token {piece * 100_000}")

    assert time.thread_time() - start < 0.2
    assert len(shortened) < 40_000


def test_a_ring_of_values_ends() -> None:
    ring: dict[str, Any] = {}
    ring["ring"] = ring

    assert "[too deep]" in str(redacted(ring))
