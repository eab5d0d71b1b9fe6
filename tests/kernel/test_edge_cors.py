"""Pages of the listed origins may read our answers; of thirty that look like them none may."""

from collections.abc import Iterator

import httpx
import pytest

from bookable.edge.cors import Cors, origin_of
from tests.kernel.edge_server import Server, serving

LISTED = ["https://app.example", "http://localhost:3000/", "https://APP.other.example:443/path"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(origins=LISTED, production=True) as server:
        yield server


def preflight(server: Server, origin: str, wants: str = "Authorization, X-My-Own") -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": wants}
    return httpx.options(f"{server.url}/shop/items/1", headers=headers)


@pytest.mark.parametrize("origin", ["https://app.example", "http://localhost:3000", "https://app.other.example"])
@pytest.mark.parametrize("path", ["/shop/items/1", "/breaks", "/nowhere", "/shop/items/a%00b"])
def test_a_listed_origin_may_read_every_answer(server: Server, origin: str, path: str) -> None:
    headers = httpx.get(server.url + path, headers={"Origin": origin}).headers

    assert headers["access-control-allow-origin"] == origin
    assert headers["access-control-allow-credentials"] == "true"
    assert "Origin" in headers["vary"]
    assert "X-Request-ID" in headers["access-control-expose-headers"]
    assert "Retry-After" in headers["access-control-expose-headers"]


def test_a_listed_origin_may_send_what_it_asks_to(server: Server) -> None:
    answer = preflight(server, "https://app.example")

    assert answer.status_code == 204
    assert "content-length" not in answer.headers
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "Authorization, X-My-Own"
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


def test_header_names_that_are_none_are_not_repeated(server: Server) -> None:
    for wants in ("a\tb, <script>", "x" * 3_000, "", "a;b"):
        allowed = preflight(server, "https://app.example", wants).headers["access-control-allow-headers"]
        assert allowed.startswith("authorization, content-type")


STRANGE = [
    *("null", "", "*", "https://evil.example", "http://app.example", "https://app.example:8443"),
    *("https://app.example.evil.example", "https://evil-app.example", "https://sub.app.example"),
    *("https://app_example", "https://appxexample", "https://app.example.", "https://app.example/"),
    *("https://app.example:443", "HTTPS://APP.EXAMPLE", "https://user@app.example", "https://app.example@evil"),
    *("https://app.example%00.evil", "https://app.example%60.evil", "https://app.example_.evil"),
    *("file://app.example", "chrome-extension://app.example", "ws://app.example", "app.example"),
    *("http://localhost", "http://localhost:30000", "http://127.0.0.1:3000", "http://localhost:3000.evil"),
    *("https://xn--pp-8ja.example", "https://app.example https://evil.example", "https://app.example, null"),
]


@pytest.mark.parametrize("origin", STRANGE)
def test_another_origin_may_not_however_alike_it_looks(server: Server, origin: str) -> None:
    for headers in (
        httpx.get(f"{server.url}/shop/items/1", headers={"Origin": origin}).headers,
        preflight(server, origin).headers,
    ):
        assert "access-control-allow-origin" not in headers
        assert "access-control-allow-credentials" not in headers
        assert "access-control-allow-headers" not in headers
        assert headers["vary"] == "Origin"


def test_answers_without_an_origin_vary_by_it_all_the_same(server: Server) -> None:
    assert httpx.get(f"{server.url}/shop/items/1").headers["vary"] == "Origin"
    assert httpx.get(f"{server.url}/page").headers["vary"] == "Accept, Origin"


def test_production_insists_on_https(server: Server) -> None:
    headers = httpx.get(f"{server.url}/shop/items/1").headers

    assert headers["strict-transport-security"].startswith("max-age=")


def test_options_without_a_preflight_is_the_applications(server: Server) -> None:
    assert httpx.options(f"{server.url}/shop/items/1", headers={"Origin": LISTED[0]}).status_code == 405


def test_everyone_is_let_in_only_outside_production_and_never_with_cookies() -> None:
    with serving(origins=["*", "https://app.example"]) as server:
        anyone = httpx.get(f"{server.url}/shop/items/1", headers={"Origin": "https://evil.example"}).headers
        asked = preflight(server, "https://evil.example")
        listed = httpx.get(f"{server.url}/shop/items/1", headers={"Origin": "https://app.example"}).headers

    assert anyone["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in anyone
    assert asked.headers["access-control-allow-headers"] == "Authorization, X-My-Own"
    assert listed["access-control-allow-origin"] == "https://app.example"
    with pytest.raises(ValueError, match="FRONTEND_URL"):
        Cors(["https://app.example", "*"], production=True)


@pytest.mark.parametrize("url", ["app.example", "ftp://app.example", "https://", "https://u:p@app.example", "//x"])
def test_a_setting_that_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        origin_of(url)


def test_sockets_can_ask_whether_an_origin_is_listed() -> None:
    cors = Cors(LISTED, production=True)

    assert cors.allows("https://app.example")
    assert not any(map(cors.allows, STRANGE))
    assert Cors(["*"], production=False).allows("https://evil.example")


def test_an_origin_is_written_as_browsers_write_it() -> None:
    assert origin_of("https://Bücher.example/x") == "https://xn--bcher-kva.example"
    assert origin_of("http://[::1]:80") == "http://[::1]"
    assert origin_of("http://[::1]:8080") == "http://[::1]:8080"
