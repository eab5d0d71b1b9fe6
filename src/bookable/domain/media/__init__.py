"""Pictures that people give us: received, checked, drawn anew without what they tell, stored, thrown away."""

from .errors import (
    BrokenPicture,
    NoSuchPicture,
    NotAPicture,
    NothingSent,
    PictureTooLarge,
    TooManyPictures,
    UploadOver,
    WrongBytes,
)
from .keeping import DISCARD, delete, discard, forget, keep_picture, pictures_of, set_avatar, sweep
from .pictures import MOST_BYTES
from .records import Media, Purpose, Size, Upload
from .store import Picture, Store
from .uploads import announce, complete, receive, upload_path, uploaded_picture

__all__ = [
    "DISCARD",
    "MOST_BYTES",
    "BrokenPicture",
    "Media",
    "NoSuchPicture",
    "NotAPicture",
    "NothingSent",
    "Picture",
    "PictureTooLarge",
    "Purpose",
    "Size",
    "Store",
    "TooManyPictures",
    "Upload",
    "UploadOver",
    "WrongBytes",
    "announce",
    "complete",
    "delete",
    "discard",
    "forget",
    "keep_picture",
    "pictures_of",
    "receive",
    "set_avatar",
    "sweep",
    "upload_path",
    "uploaded_picture",
]
