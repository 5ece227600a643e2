"""Files people give us: pictures are drawn anew, papers looked through, others refused."""

from __future__ import annotations

import io
import secrets
from typing import Any, Final

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from payments.api import LinliError

PICTURE_BYTES: Final = 5 * 1024 * 1024
PICTURE_PIXELS: Final = 25_000_000
PAPER_BYTES: Final = 10 * 1024 * 1024
EDGE: Final = 1600
PHOTO_EDGE: Final = 2000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
# What a viewer would run or open by itself. A paper tells; it does not act.
_ACTIVE: Final = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")


class UploadRefusedError(LinliError):
    """A file we do not take; the sentence says why and what to send instead."""

    code = "upload_refused"
    http_status = 400
    message = _("This file cannot be read as a picture. Please send a JPG, PNG or WebP.")


def clean_picture(file: Any, *, edge: int = EDGE) -> ContentFile[bytes]:
    """Draw a picture anew as WebP, turned upright, without place, camera or hidden data.

    At most 5 MB and 25 million pixels; longer edges are cut to ``edge`` pixels. The file returned
    has a random name. UploadRefusedError for anything else.
    """
    upright = _upright(file, edge)
    see_through = "A" in upright.getbands() or "transparency" in upright.info
    drawn = _written(upright, "RGBA" if see_through else "RGB", "WEBP", quality=82, method=4)
    return ContentFile(drawn, name=f"{secrets.token_hex(12)}.webp")


def picture_of(file: Any) -> ContentFile[bytes]:
    """Draw a photo somebody took as proof anew, as a JPEG that opens and prints everywhere.

    At most 2000 pixels a side; else as clean_picture().
    """
    drawn = _written(_upright(file, PHOTO_EDGE), "RGB", "JPEG", quality=85)
    return ContentFile(drawn, name=f"{secrets.token_hex(16)}.jpg")


def paper_of(file: Any) -> ContentFile[bytes]:
    """Return a certificate or report as it may be kept: a PDF that only tells, or a picture anew.

    A PDF has at most 10 MB and neither programs nor files inside. UploadRefusedError.
    """
    file.seek(0)
    if file.read(5) != b"%PDF-":
        return picture_of(file)
    if file.size > PAPER_BYTES:
        raise UploadRefusedError(_("This PDF is larger than 10 MB. Please send a smaller one."))
    file.seek(0)
    content = file.read()
    if b"%%EOF" not in content[-2048:]:
        raise UploadRefusedError(_("This PDF is not complete. Please send it again."))
    if any(word in content for word in _ACTIVE):
        raise UploadRefusedError(
            _("This PDF holds a program or another file. Please print it as a plain PDF.")
        )
    return ContentFile(content, name=f"{secrets.token_hex(12)}.pdf")


def _upright(file: Any, edge: int) -> Image.Image:
    """Read a picture, turned upright and cut to so many pixels a side; UploadRefusedError."""
    if file.size > PICTURE_BYTES:
        raise UploadRefusedError(_("This picture is larger than 5 MB. Please send a smaller one."))
    try:
        file.seek(0)
        with Image.open(file, formats=_FORMATS) as opened:
            if opened.width * opened.height > PICTURE_PIXELS:
                raise UploadRefusedError(
                    _("This picture has more than 25 million pixels. Please send a smaller one.")
                )
            opened.draft("RGB", (edge, edge))
            opened.load()
            upright = ImageOps.exif_transpose(opened)
    # Whatever a hostile file makes the decoder stumble over, it is not a picture to us.
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise UploadRefusedError from error
    upright.thumbnail((edge, edge))
    return upright


def _written(picture: Image.Image, mode: str, form: str, **how: int) -> bytes:
    # A fresh canvas: what the file said beside its pixels stays behind.
    canvas = Image.new(mode, picture.size)
    canvas.paste(picture.convert(mode))
    written = io.BytesIO()
    canvas.save(written, form, **how)
    return written.getvalue()
