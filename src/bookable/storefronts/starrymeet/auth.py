"""Accounts over the wire: registering, signing in and out, proving an address, a forgotten password."""

from typing import Annotated

from pydantic import Field

from bookable.domain import identity
from bookable.domain.identity import NewUser, SignedIn
from bookable.storefronts.kit import Access, Body, Call, Router, Shape, Tier

from .people import Email, Name, Password, Phone, Token, UserData, UserShape, device, shape

__all__ = ["router"]

router = Router("Auth")


class Register(Body):
    email: Email
    password: Password
    first_name: Name
    last_name: Name
    phone: Phone | None = None
    role: Annotated[str, Field(max_length=20, description="Only `user` is open to everybody.")] = "user"


class Login(Body):
    email: Email
    password: Password


class Refresh(Body):
    refresh_token: Token


class Logout(Body):
    refresh_token: Token | None = None


class VerifyEmail(Body):
    token: Token


class ForgotPassword(Body):
    email: Email


class ResetPassword(Body):
    token: Token
    password: Password


class SignedInData(Shape):
    user: UserShape
    token: str
    refresh_token: str


class TokensData(Shape):
    token: str
    refresh_token: str


class DoneData(Shape):
    message: str


def _signed_in(signed_in: SignedIn) -> SignedInData:
    return SignedInData(user=shape(signed_in.user), token=signed_in.token, refresh_token=signed_in.refresh_token)


_GUARDED = {"access": Access.PUBLIC, "tier": Tier.CREDENTIALS, "keyed": False, "phases": True}


@router.post("/auth/register", SignedInData, status=201, errors=(403, 409), **_GUARDED)
async def register(call: Call, body: Register) -> SignedInData:
    """Make an account and sign in; a mail to prove the address goes out."""
    await call.count_against(identity.comparable_email(body.email))
    new = NewUser(
        email=body.email, first_name=body.first_name, last_name=body.last_name, phone=body.phone, role=body.role
    )
    here = device(call)
    credentials = call.ports.credentials
    return _signed_in(await identity.register(call.db, credentials, call.tenant.id, new, body.password, device=here))


@router.post("/auth/login", SignedInData, errors=(401, 403), **_GUARDED)
async def login(call: Call, body: Login) -> SignedInData:
    """Sign in."""
    await call.count_against(identity.comparable_email(body.email))
    who = (call.tenant.id, body.email, body.password)
    return _signed_in(await identity.sign_in(call.db, call.ports.credentials, *who, device=device(call)))


@router.post("/auth/refresh", TokensData, access=Access.PUBLIC, tier=Tier.READS, keyed=False, phases=True)
async def refresh(call: Call, body: Refresh) -> TokensData:
    """Spend a refresh token for the next pair; the one spent last gets the same pair again for ten seconds."""
    signed_in = await identity.refresh(call.db, call.ports.credentials, call.tenant.id, body.refresh_token)
    return TokensData(token=signed_in.token, refresh_token=signed_in.refresh_token)


@router.post("/auth/logout", DoneData, access=Access.PUBLIC, keyed=False, phases=True)
async def logout(call: Call, body: Logout) -> DoneData:
    """End this session, and that of the refresh token; their tokens stop working at once."""
    session_id, token = call.actor.session_id, body.refresh_token
    credentials = call.ports.credentials
    await identity.sign_out(call.db, credentials, call.tenant.id, session_id=session_id, refresh_token=token)
    return DoneData(message="Signed out.")


@router.post("/auth/verify-email", DoneData, errors=(410,), **_GUARDED)
async def verify_email(call: Call, body: VerifyEmail) -> DoneData:
    """Prove an address with the token from the mail."""
    await _count_against_owner(call, body.token)
    await identity.verify_email(call.db, call.tenant.id, body.token)
    return DoneData(message="The email address is verified.")


@router.post("/auth/resend-verification", DoneData, status=202, tier=Tier.CREDENTIALS, keyed=False, errors=(401,))
async def resend_verification(call: Call) -> DoneData:
    """Have the mail that proves the address sent again."""
    await call.count_against(str(call.actor.id))
    await identity.resend_verification(call.tx, call.actor)
    return DoneData(message="If the address is still to be verified, a mail is on its way.")


@router.post("/auth/forgot-password", DoneData, status=202, access=Access.PUBLIC, tier=Tier.CREDENTIALS, keyed=False)
async def forgot_password(call: Call, body: ForgotPassword) -> DoneData:
    """Have a mail sent with a link to a new password; the answer is the same whether or not there is an account."""
    await call.count_against(identity.comparable_email(body.email))
    identity.forgot_password(call.tx, body.email)
    return DoneData(message="If there is an account with this address, a mail is on its way.")


@router.post("/auth/reset-password", DoneData, errors=(410,), **_GUARDED)
async def reset_password(call: Call, body: ResetPassword) -> DoneData:
    """Set a new password with the token from the mail; every session ends."""
    await _count_against_owner(call, body.token)
    await identity.reset_password(call.db, call.ports.credentials, call.tenant.id, body.token, body.password)
    return DoneData(message="The password is changed; sign in with it.")


@router.get("/auth/me", UserData)
async def me(call: Call) -> UserData:
    """Who is signed in."""
    return UserData(user=shape(await identity.get(call.tx, call.user_id)))


async def _count_against_owner(call: Call, token: str) -> None:
    owner = await identity.account_behind(call.db, call.tenant.id, token)
    if owner is not None:
        await call.count_against(owner)
