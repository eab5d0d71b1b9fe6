"""The people who make the load: two who signed up over the wire, and a crowd made in the database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from benchmarks.stacks import Person, fetch
from bookable.kernel.ids import new_id
from bookable.kernel.security import AccessTokens, TokenKeys

__all__ = ["crowd", "register"]

_PASSWORD = "Bench-mark-4711"
_LIKE = """
INSERT INTO users SELECT (jsonb_populate_record(u, jsonb_build_object(
    'id', new.id, 'email', new.id || '@example.com', 'email_key', new.id || '@example.com'))).*
FROM users u CROSS JOIN unnest($2::uuid[]) AS new(id) WHERE u.id = $1::uuid
RETURNING tenant_id
"""
_CROWD = "SELECT id::text FROM users WHERE email = id || '@example.com' ORDER BY id"
_TENANT = "SELECT tenant_id FROM users WHERE id = $1::uuid"


def register(base: str, name: str) -> Person:
    """Somebody new, or the same as before."""
    email = f"{name}@example.com"
    said = {"email": email, "password": _PASSWORD, "firstName": "Ada", "lastName": "Lovelace"}
    with httpx.Client(base_url=base, timeout=30) as client:
        answer = client.post("/auth/register", json=said)
        if answer.status_code == 409:
            answer = client.post("/auth/login", json={"email": email, "password": _PASSWORD})
    answer.raise_for_status()
    data = answer.json()["data"]
    return Person(data["user"]["id"], data["token"])


def crowd(url: str, secret: str, like: Person, size: int) -> list[Person]:
    """So many customers like the one given, each with a token that the server takes; made once."""
    ids = fetch(url, _CROWD)
    if not ids:
        fetch(url, _LIKE, like.id, [new_id() for _ in range(size)])
        ids = fetch(url, _CROWD)
    tenant_id: UUID = fetch(url, _TENANT, like.id)[0]
    tokens = AccessTokens(TokenKeys.from_secret(secret), issuer="bookable")
    now = datetime.now(UTC)
    return [
        Person(
            user_id,
            tokens.issue(
                user_id=UUID(user_id),
                tenant_id=tenant_id,
                session_id=new_id(),
                role="user",
                version=0,
                now=now,
                lifetime=timedelta(hours=6),
            ),
        )
        for user_id in ids
    ]
