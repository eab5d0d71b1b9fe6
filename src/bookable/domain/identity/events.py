"""What happens to people here, told to the other modules."""

from uuid import UUID

from bookable.kernel.events import Event

__all__ = [
    "EmailVerified",
    "PasswordChanged",
    "PasswordResetAsked",
    "SessionStolen",
    "UserDeleted",
    "UserLeaving",
    "UserRegistered",
    "VerificationAsked",
]


class UserRegistered(Event, frozen=True):
    """Somebody has an account. `VerificationAsked` comes with it where the address is still to be proven."""

    user_id: UUID


class VerificationAsked(Event, frozen=True):
    """A mail should carry a token of purpose `verify_email` (see `issue_token`)."""

    user_id: UUID


class EmailVerified(Event, frozen=True):
    """The address is theirs: they have used a token that was sent to it."""

    user_id: UUID


class PasswordResetAsked(Event, frozen=True):
    """A mail should carry a token of purpose `reset_password` (see `issue_token`)."""

    user_id: UUID


class PasswordChanged(Event, frozen=True):
    """A new password holds, and every session from before has ended. Worth a mail."""

    user_id: UUID


class SessionStolen(Event, frozen=True):
    """A refresh token that was spent long ago came back: two people hold one session, so it has ended."""

    user_id: UUID


class UserLeaving(Event, frozen=True):
    """An account is about to be anonymised, in this transaction. Whoever listens within may raise to refuse."""

    user_id: UUID


class UserDeleted(Event, frozen=True):
    """An account is anonymised. What accounting must keep stays, under the same id."""

    user_id: UUID
