"""SendGrid's v3 mail/send over real HTTP: checks what its reference documents, keeps what it accepts."""

from tests.doubles.sendgrid.double import SendGridDouble

__all__ = ["SendGridDouble"]
