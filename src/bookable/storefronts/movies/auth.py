"""Accounts over the wire: signing up, in and out; the refresh token travels in a cookie that no script can read."""

from typing import Annotated, Any

from pydantic import Field

from bookable.domain import identity
from bookable.domain.identity import NewUser, SignedIn
from bookable.storefronts.kit import Access, Body, Call, Reply, Router, Shape, Tier, encode

from . import cookies
from .people import Email, Name, Password, UserShape, device, shape

__all__ = ["router"]

router = Router("Auth")

_SETS_COOKIE: dict[str, Any] = {
    "description": "Sets the HttpOnly cookie `refreshToken`, which is sent to `/auth` alone.",
}


class SignUp(Body):
    name: Name
    email: Email
    password: Password
    role: Annotated[str, Field(max_length=20, description="Only `user` is open to everybody.")] = "user"


class LogIn(Body):
    email: Email
    password: Password


class SignedInData(Shape):
    user: UserShape
    access_token: str


class TokenData(Shape):
    access_token: str


_GUARDED = {"access": Access.PUBLIC, "tier": Tier.CREDENTIALS, "keyed": False, "phases": True, "extra": _SETS_COOKIE}


@router.post("/auth/signup", SignedInData, status=201, errors=(403, 409), **_GUARDED)
async def sign_up(call: Call, body: SignUp) -> Reply:
    """Make an account and sign in."""
    await call.count_against(identity.comparable_email(body.email))
    new = NewUser(email=body.email, first_name=body.name, last_name="", role=body.role)
    keys, here = call.ports.credentials, device(call)
    return _entered(call, 201, await identity.register(call.db, keys, call.tenant.id, new, body.password, device=here))


@router.post("/auth/login", SignedInData, errors=(401, 403), **_GUARDED)
async def log_in(call: Call, body: LogIn) -> Reply:
    """Sign in."""
    await call.count_against(identity.comparable_email(body.email))
    who = (call.tenant.id, body.email, body.password)
    return _entered(call, 200, await identity.sign_in(call.db, call.ports.credentials, *who, device=device(call)))


@router.post(
    "/auth/refresh",
    TokenData,
    access=Access.ANYONE,
    tier=Tier.READS,
    keyed=False,
    phases=True,
    errors=(403,),
    extra=_SETS_COOKIE,
)
async def refresh(call: Call) -> Reply:
    """Spend the cookie's refresh token for the next; two tabs at once get the same one, within ten seconds."""
    cookies.from_our_pages(call)
    token = cookies.presented(call) or ""
    signed_in = await identity.refresh(call.db, call.ports.credentials, call.tenant.id, token)
    return _answer(call, 200, signed_in, TokenData(access_token=signed_in.token))


@router.post("/auth/logout", access=Access.ANYONE, keyed=False, phases=True, errors=(403,))
async def log_out(call: Call) -> Reply:
    """End the session of the token and of the cookie; the access token stops working at once."""
    cookies.from_our_pages(call)
    session_id, token = call.actor.session_id, cookies.presented(call)
    keys = call.ports.credentials
    await identity.sign_out(call.db, keys, call.tenant.id, session_id=session_id, refresh_token=token)
    return Reply(204, headers=cookies.cleared(call))


def _entered(call: Call, status: int, signed_in: SignedIn) -> Reply:
    data = SignedInData(user=shape(signed_in.user), access_token=signed_in.token)
    return _answer(call, status, signed_in, data)


def _answer(call: Call, status: int, signed_in: SignedIn, data: Shape) -> Reply:
    headers = cookies.kept(call, signed_in.refresh_token, call.ports.credentials.refresh_lifetime)
    return Reply(status, encode(data), "application/json", headers)
