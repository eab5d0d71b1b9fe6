"""Every request is named, logged once, counted, guarded by headers, and answered whatever happens inside."""

import time
from collections.abc import Iterator

import httpx
import pytest

from bookable.kernel import metrics
from tests.kernel.edge_server import CANARY, Server, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(timeout=1.0) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    server.forget()
    with httpx.Client(base_url=server.url) as client:
        yield client


def test_a_sane_request_id_is_kept_and_stands_on_every_line(client: httpx.Client, server: Server) -> None:
    answer = client.get("/shop/items/3", headers={"X-Request-ID": "a-Z_0.9"})

    assert answer.headers["x-request-id"] == answer.json()["requestId"] == "a-Z_0.9"
    assert {line["request_id"] for line in server.lines()} == {"a-Z_0.9"}
    assert len(server.lines()) == 2


@pytest.mark.parametrize("wild", ["", "a b", "x" * 129, "a;b", "<script>", "ü", "a\tb"])
def test_a_wild_request_id_is_replaced(client: httpx.Client, wild: str) -> None:
    ids = {
        client.get("/shop/items/3", headers=[(b"X-Request-ID", wild.encode())]).headers["x-request-id"]
        for _ in range(2)
    }

    assert len(ids) == 2
    assert wild not in ids


def test_a_request_is_one_line_with_its_template_and_never_its_query(client: httpx.Client, server: Server) -> None:
    client.get("/shop/items/c4n4ry-item?token=c4n4ry-token&accessToken=c4n4ry-too")

    (line,) = server.lines("request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/shop/items/{item}", 200)
    assert (line["storefront"], line["user_id"]) == ("shop", "user-7")
    assert 0 < line["ms"] < 1_000
    assert "c4n4ry" not in server.log.getvalue()


def test_a_path_without_a_route_is_logged_in_part_and_without_secrets(client: httpx.Client, server: Server) -> None:
    client.get("/nowhere/Bearer%20c4n4ry-secret%0D%0Afake" + "/x" * 300)

    (line,) = server.lines("request")
    assert line["status"] == 404
    assert line["route"].startswith("/nowhere/")
    assert len(line["route"]) <= 220
    assert "c4n4ry" not in server.log.getvalue()


def test_requests_are_counted_by_template(client: httpx.Client) -> None:
    for n in range(3):
        client.get(f"/shop/items/{n}-counted")
    text = metrics.render().decode()

    assert 'bookable_http_requests_total{method="GET",route="/shop/items/{item}",status="200"' in text
    assert "-counted" not in text
    assert 'bookable_http_request_seconds_bucket{le="0.1",method="GET",route="/shop/items/{item}"' in text


def test_every_answer_forbids_sniffing_framing_and_storing(client: httpx.Client) -> None:
    for path in ("/shop/items/1", "/nowhere", "/fact", "/breaks", "/own-500"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"] == "frame-ancestors 'none'"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
        assert "server" not in headers


def test_what_an_answer_says_itself_stands(client: httpx.Client) -> None:
    headers = client.get("/page").headers

    assert headers["cache-control"] == "max-age=60"
    assert headers.get_list("content-security-policy") == [
        "default-src 'self'; frame-ancestors https://web.telegram.org"
    ]
    assert "x-frame-options" not in headers
    assert headers["x-content-type-options"] == "nosniff"


def test_an_accident_is_a_500_in_the_storefronts_shape_and_told_only_in_the_log(
    client: httpx.Client, server: Server
) -> None:
    answer = client.get("/breaks")

    assert answer.status_code == 500
    assert answer.json()["error"] == {
        "code": "INTERNAL_ERROR",
        "message": "Something went wrong on our side.",
        "at": "/breaks",
    }
    assert answer.headers["x-request-id"]
    (line,) = server.lines("request failed")
    assert CANARY in line["exception"]
    assert "edge_server.py" in line["exception"]
    assert "password=c4n4ry" not in server.log.getvalue()
    assert server.lines("request")[0]["status"] == 500


def test_an_accident_after_the_answer_began_breaks_it_off(client: httpx.Client, server: Server) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/breaks-midway")

    assert CANARY in server.lines("request failed")[0]["exception"]
    assert client.get("/shop/items/1").status_code == 200


def test_an_answer_of_500_that_is_meant_goes_out_as_it_is(client: httpx.Client) -> None:
    answer = client.get("/own-500")

    assert answer.status_code == 500
    assert answer.json() == {"mine": True}


def test_a_fact_that_nobody_answered_is_answered_here(client: httpx.Client, server: Server) -> None:
    assert client.get("/fact").json()["error"]["code"] == "NOT_FOUND"
    assert client.get("/fact").status_code == 404
    limited = client.get("/limited")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert server.lines("request failed") == []


def test_a_request_that_takes_too_long_is_ended_with_503(client: httpx.Client, server: Server) -> None:
    start = time.perf_counter()
    answer = client.get("/slow", timeout=10)

    assert time.perf_counter() - start < 3
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "PROVIDER_UNAVAILABLE"
    assert answer.headers["retry-after"] == "5"
    assert server.app.state.cancelled >= 1
    assert client.get("/stubborn", timeout=10).status_code == 503


def test_a_door_that_is_not_hurried_may_take_longer(client: httpx.Client) -> None:
    answer = client.get("/doors/slow", timeout=10)
    assert (answer.status_code, answer.text) == (200, "at last")


def test_an_answer_that_has_begun_may_take_its_time(client: httpx.Client) -> None:
    start = time.perf_counter()

    assert client.get("/stream", timeout=10).text == "01234567"
    assert time.perf_counter() - start > 1.2


def test_who_hangs_up_is_no_failure(client: httpx.Client, server: Server) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.get("/stream", timeout=0.05)
    with pytest.raises(httpx.ReadTimeout):
        client.get("/slow", timeout=0.05)
    server.raw(b"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf of it", wait=0.2)
    deadline = time.perf_counter() + 5
    while len(server.lines("request")) < 3 and time.perf_counter() < deadline:
        time.sleep(0.05)

    assert len(server.lines("request")) == 3
    assert server.lines("request failed") == []
    assert 500 not in {line["status"] for line in server.lines("request")}
