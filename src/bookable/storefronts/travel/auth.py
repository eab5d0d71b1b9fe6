"""Accounts over the wire: signing up, in and out, and a forgotten password."""

from bookable.domain import identity
from bookable.domain.identity import NewUser, SignedIn
from bookable.storefronts.kit import Access, Body, Call, Router, Shape, Tier

from .people import (
    DoneData,
    Email,
    FullName,
    Password,
    SessionData,
    SessionShape,
    Token,
    UserData,
    UserShape,
    device,
    names,
    session_shape,
    user_shape,
)

__all__ = ["router"]

router = Router("Auth")


class SignUp(Body):
    email: Email
    password: Password
    full_name: FullName


class SignIn(Body):
    email: Email
    password: Password


class Refresh(Body):
    refresh_token: Token


class SignOut(Body):
    refresh_token: Token | None = None


class AskForPassword(Body):
    email: Email


class UpdatePassword(Body):
    token: Token
    password: Password


class SignedInData(Shape):
    user: UserShape
    session: SessionShape


def _signed_in(call: Call, signed_in: SignedIn) -> SignedInData:
    return SignedInData(user=user_shape(signed_in.user), session=session_shape(call, signed_in))


_GUARDED = {"access": Access.PUBLIC, "tier": Tier.CREDENTIALS, "keyed": False, "phases": True}


@router.post("/auth/signup", SignedInData, status=201, errors=(409,), **_GUARDED)
async def sign_up(call: Call, body: SignUp) -> SignedInData:
    """Make an account and sign in; a mail to prove the address goes out."""
    await call.count_against(identity.comparable_email(body.email))
    first, last = names(body.full_name)
    new, credentials = NewUser(email=body.email, first_name=first, last_name=last), call.ports.credentials
    made = await identity.register(call.db, credentials, call.tenant.id, new, body.password, device=device(call))
    return _signed_in(call, made)


@router.post("/auth/signin", SignedInData, errors=(401, 403), **_GUARDED)
async def sign_in(call: Call, body: SignIn) -> SignedInData:
    """Sign in."""
    await call.count_against(identity.comparable_email(body.email))
    who = (call.tenant.id, body.email, body.password)
    return _signed_in(call, await identity.sign_in(call.db, call.ports.credentials, *who, device=device(call)))


@router.post("/auth/refresh", SessionData, access=Access.PUBLIC, tier=Tier.READS, keyed=False, phases=True)
async def refresh(call: Call, body: Refresh) -> SessionData:
    """Spend a refresh token for the next pair; the one spent last gets the same pair again for ten seconds."""
    signed_in = await identity.refresh(call.db, call.ports.credentials, call.tenant.id, body.refresh_token)
    return SessionData(session=session_shape(call, signed_in))


@router.post("/auth/signout", DoneData, access=Access.PUBLIC, keyed=False, phases=True)
async def sign_out(call: Call, body: SignOut) -> DoneData:
    """End this session, and that of the refresh token; their tokens stop working at once."""
    session_id, token = call.actor.session_id, body.refresh_token
    credentials = call.ports.credentials
    await identity.sign_out(call.db, credentials, call.tenant.id, session_id=session_id, refresh_token=token)
    return DoneData()


@router.get("/auth/me", UserData)
async def me(call: Call) -> UserData:
    """Who is signed in."""
    return UserData(user=user_shape(await identity.get(call.tx, call.user_id)))


@router.post("/auth/reset-password", DoneData, status=202, access=Access.PUBLIC, tier=Tier.CREDENTIALS, keyed=False)
async def ask_for_password(call: Call, body: AskForPassword) -> DoneData:
    """Have a mail sent with a link to a new password; the answer is the same whether or not there is an account."""
    await call.count_against(identity.comparable_email(body.email))
    identity.forgot_password(call.tx, body.email)
    return DoneData()


@router.post("/auth/update-password", DoneData, errors=(410,), **_GUARDED)
async def update_password(call: Call, body: UpdatePassword) -> DoneData:
    """Set a new password with the token from the mail; every session ends."""
    owner = await identity.account_behind(call.db, call.tenant.id, body.token)
    if owner is not None:
        await call.count_against(owner)
    await identity.reset_password(call.db, call.ports.credentials, call.tenant.id, body.token, body.password)
    return DoneData()
