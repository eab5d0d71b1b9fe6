"""A signed-in person's own account over the wire: profile, password, sessions, export, and leaving."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bookable.domain import bookings, catalogue, identity, media, notifications, payments, reviews
from bookable.domain.identity import Session
from bookable.storefronts.kit import Body, Call, Paging, Router, Shape, camel

from .auth import TokensData
from .people import Name, Password, Phone, UserData, device, shape

__all__ = ["router"]

router = Router("Users")


class ChangeProfile(Body):
    first_name: Name = ""
    last_name: Name = ""
    phone: Phone | None = None
    avatar_url: Annotated[str | None, Field(max_length=2000, pattern=r"^(https?://|/)[^\s\\]*$")] = None
    role: Annotated[Any, Field(description="Only an admin sets roles, elsewhere.")] = None


class ChangePassword(Body):
    current_password: Password
    new_password: Password


class DeleteAccount(Body):
    password: Password


class SessionShape(Shape):
    id: UUID
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class SessionsData(Shape):
    items: list[SessionShape]
    page: int
    limit: int
    total: int
    total_pages: int
    next_cursor: str | None


class ExportData(Shape):
    profile: dict[str, Any]
    sessions: list[dict[str, Any]]
    bookings: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    reviews: list[dict[str, Any]]
    favorites: list[dict[str, Any]]
    pictures: list[dict[str, Any]]
    notifications: list[dict[str, Any]]


@router.get("/users/me", UserData)
async def profile(call: Call) -> UserData:
    """One's own profile."""
    return UserData(user=shape(await identity.get(call.tx, call.user_id)))


@router.patch("/users/me", UserData, errors=(403,))
async def change_profile(call: Call, body: ChangeProfile) -> UserData:
    """Change one's names, phone or picture."""
    changes = body.model_dump(exclude_unset=True)
    return UserData(user=shape(await identity.change_profile(call.tx, call.user_id, changes)))


@router.post("/users/me/password", TokensData, keyed=False, phases=True)
async def change_password(call: Call, body: ChangePassword) -> TokensData:
    """Change one's password; every session ends, and the answer is a new one."""
    await call.count_against(str(call.user_id))
    credentials, words = call.ports.credentials, (body.current_password, body.new_password)
    signed_in = await identity.change_password(call.db, credentials, call.actor, *words, device=device(call))
    return TokensData(token=signed_in.token, refresh_token=signed_in.refresh_token)


@router.get("/users/me/sessions", SessionsData)
async def sessions(call: Call, query: Paging) -> SessionsData:
    """Where one is signed in, newest first."""
    found = await identity.list_sessions(call.tx, call.user_id, page=query.page, limit=query.limit, cursor=query.cursor)
    return SessionsData(
        items=[_session(session, call.actor.session_id) for session in found.items],
        page=query.page,
        limit=query.limit,
        total=found.total,
        total_pages=-(-found.total // query.limit),
        next_cursor=found.next_cursor,
    )


@router.delete("/users/me/sessions/{session_id}", phases=True)
async def end_session(call: Call, session_id: UUID) -> None:
    """Sign out elsewhere; that session's tokens stop working at once."""
    await identity.end_session(call.db, call.ports.credentials, call.actor, session_id)


@router.get("/users/me/export", ExportData)
async def export(call: Call) -> ExportData:
    """Everything held on the caller."""
    own = await identity.export(call.tx, call.user_id)
    return ExportData(
        profile=own["profile"],
        sessions=own["sessions"],
        bookings=camel(await bookings.export(call.tx, call.user_id)),
        payments=camel(await payments.export(call.tx, call.user_id)),
        reviews=camel(await reviews.export(call.tx, call.user_id)),
        favorites=camel(await catalogue.likes_of(call.tx, call.user_id)),
        pictures=camel(await media.pictures_of(call.tx, call.user_id)),
        notifications=camel(await notifications.export(call.tx, call.user_id)),
    )


@router.delete("/users/me", phases=True, errors=(409,))
async def delete_account(call: Call, body: DeleteAccount) -> None:
    """Leave: the account is anonymised, every session ends, and what accounting must keep stays."""
    await call.count_against(str(call.user_id))
    await identity.delete_account(call.db, call.ports.credentials, call.actor, body.password)


def _session(session: Session, current: UUID | None) -> SessionShape:
    return SessionShape(
        id=session.id,
        user_agent=session.user_agent,
        address=session.address,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        expires_at=session.expires_at,
        current=session.id == current,
    )
