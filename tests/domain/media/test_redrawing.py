"""A stranger's picture becomes ours, or is refused: it can't run, explode, or tell where it was taken."""

import contextlib
import io
import resource
import struct
import time
import zlib

import pytest
from PIL import Image, PngImagePlugin

from bookable.domain.media import BrokenPicture, NotAPicture, PictureTooLarge
from bookable.domain.media.pictures import redrawn


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, bits: int = 1, colour: int = 0, body: bytes = b"", more: bytes = b"") -> bytes:
    """A PNG that says it has this size, whatever its body."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_the_three_kinds_come_out_as_webp(kind: str) -> None:
    drawn = await redrawn(encoded(Image.new("RGB", (80, 40), "red"), kind))
    picture = opened(drawn.data)
    assert (picture.format, picture.size, (drawn.width, drawn.height)) == ("WEBP", (80, 40), (80, 40))
    red, green, blue = picture.convert("RGB").getpixel((40, 20))  # type: ignore[misc]
    assert red > 240
    assert green < 15
    assert blue < 15


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1", "CMYK", "I;16"])
async def test_every_way_of_colouring_is_understood(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    drawn = await redrawn(encoded(Image.new(mode, (10, 10)), kind))
    assert opened(drawn.data).size == (10, 10)


async def test_what_is_clear_stays_clear() -> None:
    drawn = await redrawn(encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG"))
    assert opened(drawn.data).convert("RGBA").getpixel((5, 5)) == (0, 0, 0, 0)


async def test_a_large_one_is_made_small_and_keeps_its_shape() -> None:
    drawn = await redrawn(encoded(Image.new("RGB", (4_000, 2_000)), "JPEG"))
    assert (drawn.width, drawn.height) == (1_600, 800)


async def test_it_tells_nothing_of_where_and_when_and_stands_upright() -> None:
    image = Image.new("RGB", (60, 30), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010F] = "CANARY-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    given = encoded(image, "JPEG", exif=exif, comment=b"CANARY-COMMENT")
    assert b"CANARY-MAKER" in given
    drawn = await redrawn(given)
    assert (drawn.width, drawn.height) == (30, 60)
    for canary in (b"CANARY", b"EXIF", b"Exif", b"ICCP", b"XMP"):
        assert canary not in drawn.data
    assert not opened(drawn.data).getexif()


async def test_what_hides_behind_or_inside_a_picture_is_left_behind() -> None:
    given = encoded(Image.new("RGB", (10, 10)), "JPEG") + b"<script>alert(1)</script><?php system($_GET[0]);"
    assert b"script" not in (await redrawn(given)).data
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>CANARY</script>")
    assert b"CANARY" not in (await redrawn(encoded(Image.new("RGB", (9, 9)), "PNG", pnginfo=info))).data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"PK\x03\x04",
        b"SIMPLE  =                    T",
        encoded(Image.new("RGB", (9, 9)), "GIF"),
        encoded(Image.new("RGB", (9, 9)), "BMP"),
        encoded(Image.new("RGB", (9, 9)), "TIFF"),
        encoded(Image.new("RGB", (9, 9)), "ICO"),
        encoded(Image.new("RGB", (9, 9)), "PPM"),
    ],
    ids=lambda d: repr(d[:8]),
)
async def test_what_is_no_jpeg_png_or_webp_is_no_picture(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        await redrawn(data)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
async def test_half_a_picture_is_broken(share: float) -> None:
    whole = encoded(Image.effect_noise((200, 200), 50).convert("RGB"), "JPEG")
    with pytest.raises((BrokenPicture, NotAPicture)):
        await redrawn(whole[: int(len(whole) * share)])


def spent() -> float:
    """CPU seconds of ours and of our children that have ended: how busy the machine is says nothing of us."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.mark.parametrize(
    "data",
    [
        png(50_000, 50_000, body=zlib.compress(b"\0" * 1_000_000)),
        png(5_001, 5_000, bits=8, colour=2),
        b"\0" * (5 * 1024 * 1024 + 1),
    ],
    ids=["huge", "just above", "bytes"],
)
async def test_too_many_pixels_or_bytes_are_refused_before_they_are_looked_at(data: bytes) -> None:
    began = spent()
    with pytest.raises(PictureTooLarge):
        await redrawn(data)
    assert spent() - began < 2


async def test_the_most_pixels_one_may_send_are_drawn_within_bounds() -> None:
    began = spent()
    drawn = await redrawn(encoded(Image.new("RGBA", (5_000, 5_000), (9, 9, 9, 99)), "PNG"))
    assert (drawn.width, drawn.height) == (1_600, 1_600)
    assert spent() - began < 8


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
async def test_bombs_in_the_margins_burst_in_the_child_alone(kind: bytes) -> None:
    bomb = chunk(kind, b"x\0\0" + zlib.compress(b"\0" * 300_000_000, 9))
    rows = zlib.compress(b"\0\xff" * 4)
    data = png(4, 4, body=rows, more=bomb)
    began = spent()
    with contextlib.suppress(BrokenPicture):
        assert (await redrawn(data)).width == 4
    assert spent() - began < 6


async def test_of_a_moving_picture_the_first_moment_is_kept() -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue", "green")]
    given = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert getattr(opened((await redrawn(given)).data), "n_frames", 1) == 1
