"""What is too large, too slow, or no request at all is refused in the storefront's words, and never with a 5xx."""

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.kernel.edge_server import Server, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(timeout=1.5) as server:
        yield server


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


def test_a_body_over_the_limit_is_413_in_the_storefronts_shape(server: Server) -> None:
    answer = httpx.post(f"{server.url}/raw", content=b"x" * 100_001)

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"
    assert httpx.post(f"{server.url}/raw", content=b"x" * 100_000).text == "100000"


@pytest.mark.parametrize("megabytes", [2, 8, 40])
def test_whoever_sends_far_too_much_still_hears_why(server: Server, megabytes: int) -> None:
    for _ in range(5):
        answer = httpx.post(f"{server.url}/raw", content=b"x" * (megabytes * 1_000_000), timeout=20)
        assert answer.status_code == 413


def test_a_body_of_unknown_length_is_counted_as_it_comes(server: Server) -> None:
    def pieces(number: int) -> Iterator[bytes]:
        for _ in range(number):
            yield b"x" * 10_000

    assert httpx.post(f"{server.url}/raw", content=pieces(10)).text == "100000"
    for path in ("/raw", "/echo"):
        answer = httpx.post(f"{server.url}{path}", content=pieces(300), headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_a_path_can_take_more(server: Server) -> None:
    answer = httpx.post(f"{server.url}/upload", files={"file": b"x" * 2_000_000})

    assert answer.json() == {"size": 2_000_000}
    assert httpx.post(f"{server.url}/upload", files={"file": b"x" * 3_000_000}).status_code == 413


def test_a_client_that_asks_first_is_told_before_it_sends(server: Server) -> None:
    answer = server.raw(b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n")

    assert status_of(answer) == 413
    assert b"100 Continue" not in answer


def test_a_body_that_trickles_in_is_given_up(server: Server) -> None:
    start = time.perf_counter()
    answer = server.raw(b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n", *[b"x"] * 8, pause=0.25)

    assert status_of(answer) == 408
    assert b"REQUEST_TIMEOUT" in answer
    assert time.perf_counter() - start < 4


def test_a_large_body_that_keeps_coming_has_the_time_it_needs(server: Server) -> None:
    body = [b"x" * 25_000] * 8
    head = b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\nContent-Type: text/plain\r\n\r\n"

    start = time.perf_counter()
    answer = server.raw(head, *body, pause=0.3, wait=1.0)

    assert time.perf_counter() - start > 2
    assert status_of(answer) == 422


def test_trace_is_not_allowed(server: Server) -> None:
    answer = server.raw(b"TRACE / HTTP/1.1\r\nHost: x\r\nSecret: c4n4ry\r\nConnection: close\r\n\r\n")

    assert status_of(answer) == 405
    assert b"allow: GET, HEAD" in answer
    assert b"c4n4ry" not in answer


MALFORMED = [
    b"GET /shop/items/1 HTTP/1.1\r\n\r\n",
    b"GET /shop/items/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /shop/items/1 HTTP/1.1\r\nHost: [\r\n\r\n",
    b"GET /shop/items/1 HTTP/1.1\r\nHost: a b\r\n\r\n",
    b"GET /shop/items/1 HTTP/1.1\r\nHost: a/../b?c#d@e\r\n\r\n",
    b"GET /shop/items/1 HTTP/1.1\r\nHost: x:99999999\r\n\r\n",
    b"GET /shop/items/1 HTTP/1.1\r\nHost: \xff\r\n\r\n",
    b"GET /shop/items/a%00b HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /shop/items/1?q=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /shop/items/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /number/" + b"9" * 5_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /?" + b"q" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n",
    b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc",
    b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /raw HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n",
    b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{",
    b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: ;;;\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd",
    b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
    b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\na",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b"TRACK / HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_malformed_is_never_a_5xx(server: Server, request_bytes: bytes) -> None:
    server.forget()

    answer = server.raw(request_bytes, wait=0.4)

    assert 400 <= status_of(answer) < 500, answer[:200]
    assert server.lines("request failed") == []


@pytest.mark.parametrize("path", ["/shop/items/%ff%fe", "/shop/items/%F0%9F%94%91", "/shop/items/a%0d%0aX-Evil:%201"])
def test_odd_but_legal_paths_are_answered_without_a_new_header(server: Server, path: str) -> None:
    answer = server.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert status_of(answer) in {200, 404}
    assert b"x-evil" not in answer.lower().split(b"\r\n\r\n")[0]


def test_a_smuggled_request_is_never_answered(server: Server) -> None:
    smuggled = b"GET /shop/items/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = server.raw(
        b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        % (len(smuggled) + 5)
        + smuggled,
        wait=0.4,
    )

    assert status_of(answer) == 400
    assert b"smuggled" not in answer


def test_a_connection_is_kept_for_the_next_request_after_a_refusal(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        for _ in range(3):
            assert client.get("/shop/items/a%00b").status_code == 400
            assert client.request("TRACE", "/").status_code == 405
            assert client.get("/shop/items/1").status_code == 200


def test_two_hundred_idle_halves_of_requests_hold_nobody_up(server: Server) -> None:
    idle = []
    for _ in range(200):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
        idle.append(connection)

    start = time.perf_counter()
    assert httpx.get(f"{server.url}/shop/items/1").status_code == 200
    assert time.perf_counter() - start < 1
    for connection in idle:
        connection.close()
