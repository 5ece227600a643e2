"""Photos of a case: drawn anew, kept under random names, shown to its people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django.core.files.base import ContentFile
from django.db.models import Max

from mall.aftersales.errors import CaseGoneError
from mall.aftersales.models import AfterSalesCase, CasePhoto
from mall.aftersales.models.photos import PhotoStorage, photo_path
from mall.papers.uploads import picture_of
from payments.api import now

Drawn = tuple[str, str]  # the photo's name, and where its file is
_NAME: Final = re.compile(r"[0-9a-f]{32}")


def draw(files: Sequence[Any]) -> list[Drawn]:
    """Draw photos anew and put them away, not yet anybody's. UploadRefusedError: none is kept."""
    pictures: list[ContentFile[bytes]] = [picture_of(file) for file in files]
    store = PhotoStorage()
    drawn = []
    for picture in pictures:
        name = str(picture.name).partition(".")[0]
        drawn.append((name, store.save(photo_path(None, str(picture.name)), picture)))
    return drawn


def forget(drawn: Sequence[Drawn]) -> None:
    """Throw away photos that became nobody's."""
    store = PhotoStorage()
    for _name, place in drawn:
        store.delete(place)


def keep(case: AfterSalesCase, drawn: Sequence[Drawn]) -> None:
    """Make photos a case's; in a transaction, its order locked."""
    last = case.photos.aggregate(last=Max("position"))["last"] or 0
    CasePhoto.objects.bulk_create(
        CasePhoto(case=case, name=name, file=place, position=last + number, at=now())
        for number, (name, place) in enumerate(drawn, start=1)
    )


def photo_of(name: str) -> CasePhoto:
    """Return a photo with its case, to ask who may look; CaseGoneError."""
    if not _NAME.fullmatch(name):
        raise CaseGoneError
    photo = CasePhoto.objects.select_related("case").filter(name=name).first()
    if photo is None:
        raise CaseGoneError
    return photo
