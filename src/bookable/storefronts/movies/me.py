"""A signed-in person's own account over the wire: who they are, and how they like their films shown."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from bookable.domain import films, identity
from bookable.storefronts.kit import Body, Call, Router, Shape

from .people import Name, UserData, shape

__all__ = ["router"]

router = Router("Me")


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class ChangeMe(Body):
    name: Name = ""
    role: Annotated[Any, Field(description="Nobody sets their own.")] = None


class ChangePreferences(Body):
    theme: Annotated[Theme, Field(strict=False)] = Theme.SYSTEM
    language: Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class PreferencesShape(Shape):
    theme: Theme
    language: str
    page_size: int


@router.get("/me", UserData)
async def me(call: Call) -> UserData:
    """Who is signed in."""
    return UserData(user=shape(await identity.get(call.tx, call.user_id)))


@router.patch("/me", UserData, errors=(403,))
async def change_me(call: Call, body: ChangeMe) -> UserData:
    """Change one's name."""
    changes = body.model_dump(exclude_unset=True)
    if "name" in changes:
        changes |= {"first_name": changes.pop("name"), "last_name": ""}
    return UserData(user=shape(await identity.change_profile(call.tx, call.user_id, changes)))


@router.get("/me/preferences", PreferencesShape)
async def preferences(call: Call) -> PreferencesShape:
    """How one likes one's films shown; `pageSize` is the default `limit`."""
    return _shape(await films.preferences_of(call.tx, call.user_id))


@router.put("/me/preferences", PreferencesShape)
async def prefer(call: Call, body: ChangePreferences) -> PreferencesShape:
    """Set those that are given."""
    return _shape(await films.prefer(call.tx, call.user_id, body.model_dump(exclude_unset=True)))


def _shape(kept: films.Preferences) -> PreferencesShape:
    return PreferencesShape(theme=Theme(kept.theme), language=kept.language, page_size=kept.page_size)
