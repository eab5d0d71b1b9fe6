"""Pictures over the wire: theirs for ever, run by nobody, nowhere but under their own names."""

import httpx
import pytest

from bookable.wiring import House

DIGEST = "ab" * 32
PATH = f"{'1' * 32}/{'2' * 32}-{DIGEST}.webp"


@pytest.fixture
async def browser(house: House, root: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who looks at pictures, when there is one."""
    await house.ports.pictures.put(PATH, b"webp bytes")
    return root


async def test_one_is_served_to_be_kept_and_not_to_be_run(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/media/{PATH}")
    assert (answer.status_code, answer.content) == (200, b"webp bytes")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["etag"] == f'"{DIGEST}"'
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("said", [f'"{DIGEST}"', f'W/"{DIGEST}"', f'"x", "{DIGEST}"', "*"])
async def test_who_has_it_is_told_so(browser: httpx.AsyncClient, said: str) -> None:
    answer = await browser.get(f"/media/{PATH}", headers={"if-none-match": said})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == f'"{DIGEST}"'
    other = await browser.get(f"/media/{PATH}", headers={"if-none-match": '"x"'})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["", "x", "../ready", "..%2fready", "%2e%2e/ready", f"{PATH}/../x", "%00", f"{PATH}x"])
async def test_nothing_else_is_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(f"http://bookable.test/media/{path}")
    assert answer.status_code in {400, 404} or answer.url.path == "/ready"


async def test_its_head_alone_can_be_asked_for(browser: httpx.AsyncClient) -> None:
    head = await browser.head(f"/media/{PATH}")
    assert (head.status_code, head.content) == (200, b"")
