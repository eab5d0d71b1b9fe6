"""Pictures that people give us: received, checked, drawn anew without what they tell, stored, thrown away."""

from .errors import BrokenPicture, NoSuchPicture, NotAPicture, PictureTooLarge, TooManyPictures
from .keeping import DISCARD, delete, discard, forget, keep_picture, pictures_of, set_avatar, sweep
from .pictures import MOST_BYTES
from .records import Media, Purpose
from .store import Picture, Store

__all__ = [
    "DISCARD",
    "MOST_BYTES",
    "BrokenPicture",
    "Media",
    "NoSuchPicture",
    "NotAPicture",
    "Picture",
    "PictureTooLarge",
    "Purpose",
    "Store",
    "TooManyPictures",
    "delete",
    "discard",
    "forget",
    "keep_picture",
    "pictures_of",
    "set_avatar",
    "sweep",
]
