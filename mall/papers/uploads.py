"""Files people send: a picture is drawn anew without where it was taken, a paper must be a PDF."""

from __future__ import annotations

import io
import secrets
from typing import Any, Final

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from payments.api import LinliError

BYTES_MAX: Final = 5 * 1024 * 1024
PIXELS_MAX: Final = 25_000_000
SIDE_MAX: Final = 2000
_PICTURES: Final = ("JPEG", "PNG", "WEBP")
_PDF: Final = b"%PDF-"


class UploadRefusedError(LinliError):
    """A file that cannot be taken; the sentence says what would be."""

    code = "upload_refused"
    http_status = 400


def picture_of(file: Any) -> ContentFile[bytes]:
    """Return the picture as a new JPEG of at most 2000 pixels a side, under a random name.

    Place and device it was taken with are gone with the old bytes. UploadRefusedError for what is
    no JPEG, PNG or WebP, larger than 5 MB or than 25 megapixels.
    """
    _require_small(file)
    try:
        drawn = _drawn(file)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UploadRefusedError(
            _("This is not a picture we can read. Please send a JPEG, PNG or WebP.")
        ) from error
    return ContentFile(drawn, name=f"{secrets.token_hex(16)}.jpg")


def paper_of(file: Any) -> ContentFile[bytes]:
    """Return a certificate or report: a PDF as it is, or else a picture as picture_of() makes it.

    UploadRefusedError for anything else, or for more than 5 MB.
    """
    _require_small(file)
    file.seek(0)
    content = file.read()
    if not content.startswith(_PDF):
        return picture_of(file)
    return ContentFile(content, name=f"{secrets.token_hex(16)}.pdf")


def _require_small(file: Any) -> None:
    if not 0 < (file.size or 0) <= BYTES_MAX:
        raise UploadRefusedError(_("Please send a file of at most 5 MB."))


def _drawn(file: Any) -> bytes:
    file.seek(0)
    with Image.open(file, formats=_PICTURES) as picture:
        if picture.width * picture.height > PIXELS_MAX:
            raise UploadRefusedError(_("Please send a picture of at most 25 megapixels."))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((SIDE_MAX, SIDE_MAX))
    file_out = io.BytesIO()
    upright.save(file_out, format="JPEG", quality=85)
    return file_out.getvalue()
