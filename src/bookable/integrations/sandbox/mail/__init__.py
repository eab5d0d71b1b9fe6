"""Mail that goes nowhere: kept in the database, where tests and people at `/sandbox/mail` read it."""

from .mailer import SENDER, SandboxMailer
from .reading import Filed, SentMail, attachment, forget, sent

__all__ = ["SENDER", "Filed", "SandboxMailer", "SentMail", "attachment", "forget", "sent"]
