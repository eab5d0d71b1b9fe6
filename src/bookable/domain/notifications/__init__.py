"""What is told to whom, and by which channel: mails, sent at least once and shown once, and notices in the app."""

from . import about_accounts, about_bookings, about_money, guests, reminders
from .calendar import Entry, Method, booking_calendar, calendar_file
from .delivering import Postman, deliver
from .errors import MailRefused
from .ports import Attachment, Mail, Mailer
from .reading import export, forget, inbox, mark_all_read, mark_read, unread_count
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
    "about_bookings",
    "about_money",
    "booking_calendar",
    "calendar_file",
    "deliver",
    "export",
    "forget",
    "guests",
    "inbox",
    "mail",
    "mark_all_read",
    "mark_read",
    "note",
    "reminders",
    "unread_count",
]
