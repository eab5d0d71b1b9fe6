"""One's own picture, over the wire."""

from bookable.domain import media
from bookable.storefronts.kit import Call, Router
from bookable.storefronts.kit.uploads import FORM_WITH_FILE, uploaded

from .people import UserData, shape

__all__ = ["router"]

router = Router("Users")


@router.post(
    "/users/me/avatar",
    UserData,
    keyed=False,
    phases=True,
    errors=(400, 408, 409, 413, 415),
    extra=FORM_WITH_FILE,
)
async def set_avatar(call: Call) -> UserData:
    """Send a picture (JPEG, PNG or WebP, at most 5 MB) to be seen as."""
    picture = await uploaded(call.request)
    return UserData(user=shape(await media.set_avatar(call.db, call.actor, call.ports.pictures, picture)))
