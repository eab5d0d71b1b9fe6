"""Letters about somebody's account."""

from ..records import AboutAccount, Site
from ..wording import called
from .letter import Button, Letter

__all__ = ["password_changed", "reset_password", "session_stolen", "verify_email"]


def verify_email(facts: AboutAccount, site: Site, secret: str | None) -> Letter:
    return Letter(
        heading="Confirm your email address",
        greeting=called(facts.first_name),
        paragraphs=(f"Please confirm that this address is yours, so that {site.name} can reach you.",),
        button=Button("Confirm my address", site.page("verify-email", {"token": secret or ""})),
        closing=(
            "The link works once, within 24 hours.",
            "If you did not register, you need not do anything.",
        ),
    )


def reset_password(facts: AboutAccount, site: Site, secret: str | None) -> Letter:
    return Letter(
        heading="Reset your password",
        greeting=called(facts.first_name),
        paragraphs=(f"Somebody, we hope you, has asked for a new password for your account at {site.name}.",),
        button=Button("Choose a new password", site.page("reset-password", {"token": secret or ""})),
        closing=(
            "The link works once, within one hour. A new password signs you out everywhere.",
            "If it was not you, leave this mail alone: your password stays as it is.",
        ),
    )


def password_changed(facts: AboutAccount, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your password was changed",
        greeting=called(facts.first_name),
        paragraphs=(f"The password of your account at {site.name} was changed just now.",),
        button=Button("It was not me", site.page("forgot-password")),
        closing=("If it was you, all is well. If not, choose a new password at once.",),
    )


def session_stolen(facts: AboutAccount, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="We signed a device out",
        greeting=called(facts.first_name),
        paragraphs=(
            (
                f"An old key to your account at {site.name} was used a second time. Two parties may have held it, "
                "so we have ended that session on both sides."
            ),
            "You can sign in again as usual. If you don't know why this happened, choose a new password.",
        ),
        button=Button("Choose a new password", site.page("forgot-password")),
    )
