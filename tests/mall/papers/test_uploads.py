"""Pictures are drawn anew and papers looked through; whatever else comes is refused in words."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from mall.papers.uploads import UploadRefusedError, clean_picture, paper_of, picture_of


def sent(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def drawn(form: str = "JPEG", size=(60, 40), mode: str = "RGB", **options) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, "#b8452f").save(file, form, **options)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # turned by ninety degrees
    return drawn(exif=exif.tobytes())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew(form):
    kept = clean_picture(sent(drawn(form), "holiday.php"))

    assert kept.name.endswith(".webp")
    assert "holiday" not in kept.name
    assert Image.open(kept).size == (60, 40)


def test_place_and_camera_stay_behind_and_it_stands_upright():
    kept = clean_picture(sent(with_exif()))

    assert b"SecretCamera" not in kept.read()
    kept.seek(0)
    again = Image.open(kept)
    assert again.size == (40, 60)
    assert not again.getexif()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_taken_as_proof_opens_everywhere(form):
    kept = picture_of(sent(drawn(form, size=(3000, 1000)), "proof.php"))

    assert kept.name.endswith(".jpg")
    again = Image.open(kept)
    assert (again.format, again.size, again.mode) == ("JPEG", (2000, 667), "RGB")
    assert b"SecretCamera" not in picture_of(sent(with_exif())).read()


def test_a_large_picture_is_cut_down():
    kept = clean_picture(sent(drawn(size=(3000, 2000))))

    assert Image.open(kept).size == (1600, 1067)


def test_a_see_through_picture_stays_see_through():
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "PNG")

    assert Image.open(clean_picture(sent(file.getvalue()))).mode == "RGBA"


@pytest.mark.parametrize(
    "hostile",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"",
        b"GIF89a" + b"\0" * 30,
        drawn()[:200],
        b"\xff\xd8\xff\xe0" + b"<script>" * 20,
        bomb(30_000, 30_000),
        bomb(60_000, 60_000),
        b"%PDF-1.4 no picture",
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["svg", "html", "nothing", "gif", "cut", "polyglot", "bomb", "big bomb", "pdf", "stub"],
)
def test_what_is_no_picture_is_refused_in_words(hostile):
    for take in (clean_picture, picture_of):
        with pytest.raises(UploadRefusedError) as refused:
            take(sent(hostile, "photo.jpg"))
        assert str(refused.value.user_message)


def test_html_behind_a_picture_does_not_survive():
    kept = clean_picture(sent(drawn() + b"<script>alert(1)</script>"))

    assert b"<script>" not in kept.read()


def test_more_than_five_megabytes_is_refused():
    with pytest.raises(UploadRefusedError, match="upload_refused"):
        clean_picture(sent(b"\xff\xd8" + b"\0" * (5 * 1024 * 1024)))


def test_a_paper_that_only_tells_is_kept():
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

    kept = paper_of(sent(pdf, "report.html"))

    assert kept.name.endswith(".pdf")
    assert kept.read() == pdf
    assert paper_of(sent(drawn())).name.endswith(".jpg")


@pytest.mark.parametrize(
    "hostile",
    [
        b"%PDF-1.4\n<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n%%EOF",
        b"%PDF-1.4\n<</EmbeddedFile 1>>\n%%EOF",
        b"%PDF-1.4\n<</Launch 1>>\n%%EOF",
        b"%PDF-1.4 never ends",
        b"MZ\x90\0 program",
        b"%PDF-" + b"\0" * (10 * 1024 * 1024) + b"%%EOF",
    ],
    ids=["script", "file inside", "launches", "cut", "program", "too large"],
)
def test_a_paper_that_does_something_is_refused(hostile):
    with pytest.raises(UploadRefusedError):
        paper_of(sent(hostile, "report.pdf"))
