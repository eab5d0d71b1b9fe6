"""Mail: handed to an SMTP server, or to SendGrid."""

from .message import message_id, rendered
from .sendgrid import SendGridMailer
from .smtp import SmtpMailer, SmtpServer

__all__ = ["SendGridMailer", "SmtpMailer", "SmtpServer", "message_id", "rendered"]
