"""Mail that goes nowhere: kept in the database, where tests and people at `/sandbox/mail` read it."""

from .mailer import BOUNCE, SENDER, SandboxMailer
from .reading import Mailbox, SentMail

__all__ = ["BOUNCE", "SENDER", "Mailbox", "SandboxMailer", "SentMail"]
