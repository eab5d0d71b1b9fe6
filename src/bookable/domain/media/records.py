"""A kept picture, as the rest of the house sees it."""

import datetime
from enum import StrEnum
from uuid import UUID

from bookable.kernel.db import Record

__all__ = ["Media", "Purpose", "Size", "Upload"]


class Purpose(StrEnum):
    """What a picture is for."""

    AVATAR = "avatar"
    LISTING = "listing"
    FILM = "film"


class Media(Record, frozen=True):
    """A picture that somebody gave us. `path` names its bytes in the store."""

    id: UUID
    owner_id: UUID
    purpose: Purpose
    content_type: str
    size: int
    width: int
    height: int
    path: str
    created_at: datetime.datetime

    @property
    def url(self) -> str:
        """Where it is served, from the root of the server."""
        return f"/media/{self.path}"


class Size(StrEnum):
    """The sizes that an uploaded picture is kept in."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"

    @property
    def side(self) -> int:
        """The longest side, in pixels."""
        return {"small": 200, "medium": 500, "large": 1_000}[self.value]


class Upload(Record, frozen=True):
    """A picture that was announced; once it is complete, with the paths of its three sizes."""

    id: UUID
    owner_id: UUID
    content_type: str
    size: int
    created_at: datetime.datetime
    expires_at: datetime.datetime
    small: str | None
    medium: str | None
    large: str | None

    def path(self, size: Size) -> str | None:
        """The name of this size's bytes."""
        paths = {Size.SMALL: self.small, Size.MEDIUM: self.medium, Size.LARGE: self.large}
        return paths[size]
