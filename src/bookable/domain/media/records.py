"""A kept picture, as the rest of the house sees it."""

import datetime
from enum import StrEnum
from uuid import UUID

from bookable.kernel.db import Record

__all__ = ["Media", "Purpose"]


class Purpose(StrEnum):
    """What a picture is for."""

    AVATAR = "avatar"
    LISTING = "listing"


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
