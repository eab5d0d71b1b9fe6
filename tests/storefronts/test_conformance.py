"""The check that every wire test goes through does find what is wrong."""

from typing import Any

import httpx
import pytest

from tests.storefronts.conformance import Conformance, NotDocumented

GOOD: dict[str, Any] = {
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Byron",
    "phone": None,
    "avatarUrl": None,
    "role": "user",
    "emailVerified": False,
    "createdAt": "2026-11-21T09:00:00Z",
    "lastLogin": None,
}


def answer(status: int, body: Any = None, *, method: str = "GET", path: str = "/api/users/me") -> httpx.Response:
    request = httpx.Request(method, f"http://bookable.test{path}")
    return httpx.Response(status, json=body, request=request)


def found(**changes: Any) -> dict[str, Any]:
    return {"success": True, "data": {"user": {k: v for k, v in (GOOD | changes).items() if v is not ...}}}


def test_an_answer_as_documented_passes(conformance: Conformance) -> None:
    conformance.check(answer(200, found()))


@pytest.mark.parametrize(
    "body",
    [
        found(email=...),
        found(email=7),
        found(id="7"),
        found(createdAt="2026-11-21T09:00:00+00:00"),
        found(createdAt="yesterday"),
        found(role=None),
        {"success": True, "data": GOOD},
        {"success": False, "data": {"user": GOOD}},
        [],
    ],
)
def test_an_answer_of_another_shape_is_found(conformance: Conformance, body: Any) -> None:
    with pytest.raises(NotDocumented):
        conformance.check(answer(200, body))


@pytest.mark.parametrize("status", [201, 302, 402, 418, 500, 502])
def test_a_status_that_is_not_documented_is_found(conformance: Conformance, status: int) -> None:
    with pytest.raises(NotDocumented):
        conformance.check(answer(status, found()))


def test_an_error_without_the_envelope_is_found(conformance: Conformance) -> None:
    conformance.check(answer(401, {"success": False, "error": {"code": "C", "message": "m", "details": {}}}))
    for body in ({"detail": "Not authenticated"}, {"success": False, "error": {"code": "C", "message": "m"}}):
        with pytest.raises(NotDocumented):
            conformance.check(answer(401, body))


def test_an_answer_where_there_is_no_operation_must_say_so(conformance: Conformance) -> None:
    refusal = {"success": False, "error": {"code": "NOT_FOUND", "message": "m", "details": {}}}
    conformance.check(answer(404, refusal, path="/api/nowhere"))
    for status in (200, 401, 500):
        with pytest.raises(NotDocumented):
            conformance.check(answer(status, refusal, path="/api/nowhere"))
