"""Signing in, staying signed in, signing out: a session is a family of refresh tokens of which one holds."""

from functools import partial
from uuid import UUID

from bookable.kernel import cursors
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound, Unauthenticated
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id

from . import emails
from .credentials import Credentials
from .errors import InvalidCredentials, Suspended
from .events import SessionStolen
from .passwords import check_password
from .queries import people
from .queries import sessions as queries
from .records import Device, SessionPage, SignedIn, User
from .refresh_tokens import RefreshToken
from .revocation import revoke

__all__ = ["end_session", "list_sessions", "open_session", "refresh", "sign_in", "sign_out"]

_UNKNOWN = Device()
_ATTEMPTS = 3
_NEWEST = "newest sessions"
_OVER = "The refresh token has been used, has expired or is not valid."


async def sign_in(
    db: Database, credentials: Credentials, tenant_id: UUID, email: str, password: str, *, device: Device = _UNKNOWN
) -> SignedIn:
    """A new session for whoever has this email and password; an outdated hash is replaced on the way.

    Raises `InvalidCredentials`, in the same time and words whether or not there is such an account, and
    `Suspended` to those alone who know the password.
    """
    system, email_key = Actor.system(tenant_id), emails.comparable(email)

    async def enter(tx: Transaction, seen: people.Secret, new_hash: str) -> SignedIn | None:
        user = await tx.first(people.signed_in, user_id=seen.id, seen_hash=seen.password_hash, new_hash=new_hash)
        if user is not None and user.suspended_at is not None:
            raise Suspended
        return await open_session(tx, credentials, user, device) if user else None

    for _ in range(_ATTEMPTS):  # the hash may be replaced by another sign-in meanwhile, or the password by its owner
        async with db.transaction(system) as tx:
            secret = await tx.first(people.secret_by_email, email_key=email_key)
        known, new_hash = await check_password(credentials, secret, password)
        signed_in = await db.run(system, partial(enter, seen=known, new_hash=new_hash))
        if signed_in is not None:
            return signed_in
    raise InvalidCredentials


async def open_session(tx: Transaction, credentials: Credentials, user: User, device: Device = _UNKNOWN) -> SignedIn:
    """A session for a user who has proven who they are. The transaction is the house's own, and holds their row."""
    tenant_id = tx.actor.tenant_id
    first = credentials.refresh.make(tenant_id, new_id(), 0)
    await tx.run(
        queries.open_session,
        session_id=first.session_id,
        user_id=user.id,
        first_hash=first.digest,
        lifetime=credentials.refresh_lifetime,
        agent=device.user_agent,
        from_address=device.address,
    )
    return credentials.signed_in(tenant_id, user, first, tx.clock.now())


async def refresh(db: Database, credentials: Credentials, tenant_id: UUID, refresh_token: str) -> SignedIn:
    """The next tokens of a session; the one presented is spent by it.

    The token spent last gets the same successor again for ten seconds, as long as that one is unused: two
    tabs, or an answer that was lost. One spent before ends the session for everybody who holds a part of
    it. Raises `Unauthenticated` for these and for every other text, which then changes nothing.
    """
    token = credentials.refresh.read(tenant_id, refresh_token)
    if token is None:
        raise Unauthenticated(_OVER)
    following = await db.run(Actor.system(tenant_id), lambda tx: _follow(tx, credentials, token))
    if isinstance(following, SignedIn):
        return following
    if following is not None:
        credentials.revocations.apply_now(following)
    raise Unauthenticated(_OVER)


async def _follow(tx: Transaction, credentials: Credentials, token: RefreshToken) -> SignedIn | UUID | None:
    """The session's next tokens; the id of the session if it was stolen; None if the token means nothing any more."""
    tenant_id = tx.actor.tenant_id
    successor = credentials.refresh.make(tenant_id, token.session_id, token.generation + 1)
    user = await tx.first(
        queries.rotate, session_id=token.session_id, presented=token.digest, next_hash=successor.digest
    )
    if user is None:
        standing = await tx.first(queries.standing, session_id=token.session_id, presented=token.digest)
        if standing is None or not standing.alive:
            return None
        if not (standing.in_grace and standing.generation == successor.generation):
            return await _end_if_spent(tx, token, standing)
        user = await tx.first(people.user_by_id, user_id=standing.user_id)
        if user is None or user.suspended_at is not None:
            return None
    return credentials.signed_in(tenant_id, user, successor, tx.clock.now())


async def _end_if_spent(tx: Transaction, token: RefreshToken, standing: queries.Standing) -> UUID | None:
    if token.generation >= standing.generation:
        return None
    user_id = await tx.first(queries.end_session, session_id=token.session_id, reason="stolen")
    if user_id is None:
        return None
    await revoke(tx, token.session_id)
    await publish(tx, SessionStolen(user_id=user_id))
    return token.session_id


async def sign_out(
    db: Database,
    credentials: Credentials,
    tenant_id: UUID,
    *,
    session_id: UUID | None = None,
    refresh_token: str | None = None,
) -> None:
    """End the caller's session, and that of the refresh token; their access tokens stop working at once.

    A session that has ended already, or a token that is not ours, is no reason to complain; to come with
    neither is `Unauthenticated`.
    """
    if session_id is None and not refresh_token:
        raise Unauthenticated
    token = credentials.refresh.read(tenant_id, refresh_token) if refresh_token else None
    ending = sorted({*([session_id] if session_id else []), *([token.session_id] if token else [])})

    async def work(tx: Transaction) -> None:
        for id_ in ending:
            if await tx.first(queries.end_session, session_id=id_, reason="signed out"):
                await revoke(tx, id_)

    await db.run(Actor.system(tenant_id), work)
    for id_ in ending:
        credentials.revocations.apply_now(id_)


async def list_sessions(
    tx: Transaction, user_id: UUID, *, page: int = 1, limit: int = 20, cursor: str | None = None
) -> SessionPage:
    """The user's sessions that still last, newest first; `cursor` continues another page instead of `page`."""
    before = cursors.after(cursor, _NEWEST, tuple[UUID])[0] if cursor else UUID(int=2**128 - 1)
    offset = 0 if cursor else (page - 1) * limit
    found = await tx.all(queries.users_sessions, user_id=user_id, before=before, limit=limit + 1, offset=offset)
    total = sum(await tx.all(queries.count_sessions, user_id=user_id))
    more = cursors.cursor(_NEWEST, found[limit - 1].id) if len(found) > limit else None
    return SessionPage(found[:limit], total, more)


async def end_session(db: Database, credentials: Credentials, actor: Actor, session_id: UUID) -> None:
    """End one of the caller's own sessions; `NotFound` if it is not theirs, or over."""

    async def work(tx: Transaction) -> None:
        done = await tx.run(queries.end_own_session, session_id=session_id, user_id=actor.id, reason="signed out")
        if not done:
            raise NotFound
        await revoke(tx, session_id)

    await db.run(actor, work)
    credentials.revocations.apply_now(session_id)
