"""A program of its own, run with little memory and time: reads a picture that nobody trusts, writes one we drew.

`python redraw.py MAX_PIXELS LONGEST_SIDE`, picture on standard input. Writes `WIDTH HEIGHT` and a line feed, then the
bytes of a WebP. Ends with 3 for what is no JPEG, PNG or WebP, 4 for one with too many pixels, anything else for one
that breaks while it is read. It imports nothing of ours, so that it starts in a tenth of a second.
"""

import resource
import sys
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

__all__: list[str] = []

NO_PICTURE, TOO_MANY_PIXELS = 3, 4
_MEMORY = 512 * 1024 * 1024
_SECONDS = 5


def _bound() -> None:
    """What an exploding picture may take: this process, and no more of it than this."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def main() -> int:
    """Read, check, turn upright, shrink, draw anew; metadata is left behind with the old bytes."""
    max_pixels, side = int(sys.argv[1]), int(sys.argv[2])
    data = sys.stdin.buffer.read()
    _bound()
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = max_pixels
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except Image.DecompressionBombError:
        return TOO_MANY_PIXELS
    except UnidentifiedImageError:
        return NO_PICTURE
    if image.width * image.height > max_pixels:
        return TOO_MANY_PIXELS
    profile = image.info.get("icc_profile")
    image.draft(None, (side, side))
    image = ImageOps.exif_transpose(image)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _in_plain_colours(image, profile)
    drawn = BytesIO()
    image.save(drawn, "WEBP", quality=82, method=4)
    sys.stdout.buffer.write(f"{image.width} {image.height}\n".encode() + drawn.getvalue())
    return 0


def _in_plain_colours(image: "Image.Image", profile: bytes | None) -> "Image.Image":
    """RGB or RGBA in sRGB, which is what a picture without a profile is taken for."""
    from PIL import ImageCms

    transparent = image.has_transparency_data
    if profile and image.mode in {"RGB", "CMYK"}:
        try:
            theirs, ours = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, theirs, ours, outputMode="RGB") or image
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            pass  # a broken profile is as good as none
    return image.convert("RGBA" if transparent else "RGB")


if __name__ == "__main__":
    sys.exit(main())
