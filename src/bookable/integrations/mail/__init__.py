"""Mail: handed to an SMTP server (`.smtp`), or to SendGrid (`.sendgrid`); only the one that is used is loaded."""

from .message import message_id, rendered

__all__ = ["message_id", "rendered"]
