"""A resident's photo of what is wrong: drawn anew, under a random name, for its people only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from mall.aftersales.models.cases import AfterSalesCase


@deconstructible
class PhotoStorage(FileSystemStorage):
    """A folder beside the public media; its files are handed out to their people only."""

    def __init__(self) -> None:
        """Leave the place to the settings, which tests and demos change."""
        super().__init__(location=None, base_url=None)

    @property
    def base_location(self) -> str:
        """Return the folder as the settings say now."""
        return str(Path(settings.DATA_DIR) / "cases")

    @property
    def location(self) -> str:
        """Return the folder as an absolute path."""
        return str(Path(self.base_location).resolve())

    def url(self, name: str | None) -> str:
        """Refuse: a photo's address is a page's that asks who is looking."""
        raise ValueError(f"{name} has no address of its own")


def photo_path(_instance: Any, filename: str) -> str:
    """Return the place of a file that was given a random name before."""
    return f"{Path(filename).name[:2]}/{Path(filename).name}"


class CasePhoto(models.Model):
    """One photo of a case."""

    MOST = 6

    case = models.ForeignKey(
        AfterSalesCase, on_delete=models.PROTECT, related_name="photos", verbose_name=_("case")
    )
    name = models.CharField(_("name"), max_length=32, unique=True)
    file = models.FileField(_("file"), storage=PhotoStorage(), upload_to=photo_path, max_length=120)
    position = models.PositiveSmallIntegerField(_("position"))
    at = models.DateTimeField(_("at"))

    class Meta:
        """Six at most, each with a place of its own."""

        verbose_name = _("photo of a case")
        verbose_name_plural = _("photos of cases")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "position"], name="aftersales_photo_place_once"
            ),
            models.CheckConstraint(
                condition=models.Q(position__gte=1, position__lte=6),
                name="aftersales_photo_six_at_most",
            ),
        ]

    def __str__(self) -> str:
        """Show its random name."""
        return self.name
