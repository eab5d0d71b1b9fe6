"""Who someone is: the people of a tenant, what they prove it with, how long that lasts, and how it is taken back."""

from .administration import amend, count_users, counts_by_day, give_role, list_users, sweep
from .credentials import Credentials
from .deletion import delete_account
from .emails import comparable as comparable_email
from .emails import given as given_email
from .errors import EmailTaken, InvalidCredentials, OwnAccount, Suspended, TokenExpired
from .events import (
    EmailVerified,
    PasswordChanged,
    PasswordResetAsked,
    SessionStolen,
    UserDeleted,
    UserLeaving,
    UserRegistered,
    VerificationAsked,
)
from .password_changes import change_password, reset_password
from .profiles import change_profile, export, find_by_email, get, get_many
from .records import DayCount, Device, NewUser, Purpose, Session, SessionPage, SignedIn, User, UserPage
from .refresh_tokens import RefreshTokens
from .registration import enrol, register
from .revocation import RevocationList
from .sessions import end_session, list_sessions, open_session, refresh, sign_in, sign_out
from .tokens import (
    FORGOTTEN,
    account_behind,
    forgot_password,
    issue_token,
    look_for_forgetful,
    resend_verification,
    verify_email,
)

__all__ = [
    "FORGOTTEN",
    "Credentials",
    "DayCount",
    "Device",
    "EmailTaken",
    "EmailVerified",
    "InvalidCredentials",
    "NewUser",
    "OwnAccount",
    "PasswordChanged",
    "PasswordResetAsked",
    "Purpose",
    "RefreshTokens",
    "RevocationList",
    "Session",
    "SessionPage",
    "SessionStolen",
    "SignedIn",
    "Suspended",
    "TokenExpired",
    "User",
    "UserDeleted",
    "UserLeaving",
    "UserPage",
    "UserRegistered",
    "VerificationAsked",
    "account_behind",
    "amend",
    "change_password",
    "change_profile",
    "comparable_email",
    "count_users",
    "counts_by_day",
    "delete_account",
    "end_session",
    "enrol",
    "export",
    "find_by_email",
    "forgot_password",
    "get",
    "get_many",
    "give_role",
    "given_email",
    "issue_token",
    "list_sessions",
    "list_users",
    "look_for_forgetful",
    "open_session",
    "refresh",
    "register",
    "resend_verification",
    "reset_password",
    "sign_in",
    "sign_out",
    "sweep",
    "verify_email",
]
