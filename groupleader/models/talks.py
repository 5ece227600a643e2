"""What leader or supplier and finance say to each other about a statement, with papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from groupleader.models.commissions import CommissionAccrual
from groupleader.models.dues import SupplierDue
from groupleader.models.statements import SettlementStatement


@deconstructible
class PaperStorage(FileSystemStorage):
    """A folder beside the public media; its files are handed out to their people only."""

    def __init__(self) -> None:
        """Leave the place to the settings, which tests and demos change."""
        super().__init__(location=None, base_url=None)

    @property
    def base_location(self) -> str:
        """Return the folder as the settings say now."""
        return str(Path(settings.DATA_DIR) / "settlement")

    @property
    def location(self) -> str:
        """Return the folder as an absolute path."""
        return str(Path(self.base_location).resolve())

    def url(self, name: str | None) -> str:
        """Refuse: a paper's address is a page's that asks who is looking."""
        raise ValueError(f"{name} has no address of its own")


def paper_path(_instance: Any, filename: str) -> str:
    """Return the place of a file that was given a random name before."""
    return f"{Path(filename).name[:2]}/{Path(filename).name}"


class StatementMessage(models.Model):
    """One thing said about a statement, or about one of its lines; nothing said is taken back."""

    class Side(models.TextChoices):
        """Who speaks."""

        PARTY = "party", _("Leader or supplier")
        FINANCE = "finance", _("Finance")

    statement = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        related_name="messages",
        verbose_name=_("statement"),
    )
    accrual = models.ForeignKey(
        CommissionAccrual,
        on_delete=models.PROTECT,
        null=True,
        related_name="messages",
        verbose_name=_("about line"),
    )
    due = models.ForeignKey(
        SupplierDue,
        on_delete=models.PROTECT,
        null=True,
        related_name="messages",
        verbose_name=_("about line"),
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty when a supplier wrote through its link."),
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    text = models.CharField(_("text"), max_length=1000)
    at = models.DateTimeField(_("at"))

    class Meta:
        """In the order in which it was said; of one line at most."""

        verbose_name = _("message about a statement")
        verbose_name_plural = _("messages about statements")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="groupleader_message_one_line",
                condition=models.Q(accrual__isnull=True) | models.Q(due__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Show how it begins."""
        return self.text[:40]


class StatementPaper(models.Model):
    """A picture or PDF that was sent with a message."""

    MOST = 4

    message = models.ForeignKey(
        StatementMessage, on_delete=models.PROTECT, related_name="papers", verbose_name=_("message")
    )
    name = models.CharField(_("name"), max_length=40, unique=True)
    file = models.FileField(_("file"), storage=PaperStorage(), upload_to=paper_path, max_length=120)

    class Meta:
        """In the order in which they were sent."""

        verbose_name = _("paper about a statement")
        verbose_name_plural = _("papers about statements")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Show its random name."""
        return self.name
