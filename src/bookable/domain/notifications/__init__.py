"""What is told to whom, and by which channel: mails, sent at least once and shown once, and notices in the app."""

from . import about_accounts
from .calendar import Entry, Method, calendar_file
from .delivering import Postman, deliver
from .errors import MailRefused
from .ports import Attachment, Mail, Mailer
from .reading import forget, inbox, mark_all_read, mark_read, unread_count
from .records import AboutAccount, AboutBooking, Kind, Notice, Site
from .telling import SEND, Person, mail, note

__all__ = [
    "SEND",
    "AboutAccount",
    "AboutBooking",
    "Attachment",
    "Entry",
    "Kind",
    "Mail",
    "MailRefused",
    "Mailer",
    "Method",
    "Notice",
    "Person",
    "Postman",
    "Site",
    "about_accounts",
    "calendar_file",
    "deliver",
    "forget",
    "inbox",
    "mail",
    "mark_all_read",
    "mark_read",
    "note",
    "unread_count",
]
