"""What stops people at the door, by name."""

from bookable.kernel.errors import Conflict, FieldError, Forbidden, Gone, Unauthenticated, ValidationFailed

__all__ = ["EmailTaken", "InvalidCredentials", "OwnAccount", "Suspended", "TokenExpired", "unknown_token"]


class EmailTaken(Conflict):
    """Somebody of this tenant has the address already, in whatever spelling."""

    code = "EMAIL_TAKEN"
    message = "There is an account with this email address already."


class InvalidCredentials(Unauthenticated):
    """The pair of email and password, or the password of whoever is signed in, is not right."""

    code = "INVALID_CREDENTIALS"
    message = "The email address or the password is not right."


class Suspended(Forbidden):
    """The password was right, but the account has been suspended."""

    message = "This account is suspended."


class TokenExpired(Gone):
    """A token from a mail that was ours, but is used, replaced or too old."""


class OwnAccount(Conflict):
    """An admin can't take their own rights away: the last one would lock everybody out."""

    message = "This can't be done to one's own account."


def unknown_token() -> ValidationFailed:
    """A token that never was."""
    return FieldError("token", "This is not a token of ours.")
