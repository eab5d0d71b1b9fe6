"""What keeps a mail from being sent, for good."""

from bookable.kernel.errors import DomainError, Kind

__all__ = ["MailRefused"]


class MailRefused(DomainError):
    """The address or the mail was refused for good: trying again would be refused again. `text` says why."""

    kind = Kind.INVALID
    code = "MAIL_REFUSED"
    message = "This mail can't be delivered."
