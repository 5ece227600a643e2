"""A case's story: every step with who took it, and what its people wrote to each other."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mall.aftersales.models.cases import AfterSalesCase


class Role(models.TextChoices):
    """As whom somebody acted."""

    RESIDENT = "resident", _("resident")
    LEADER = "leader", _("group leader")
    MALL = "mall", _("the mall")
    CLOCK = "clock", _("by itself")


class CaseStep(models.Model):
    """One step of a case; only ever added."""

    class What(models.TextChoices):
        """What happened."""

        OPENED = "opened", _("Case opened")
        PHOTOS = "photos", _("Photos added")
        PASSED = "passed", _("Passed on to the mall")
        OFFERED = "offered", _("Another amount offered")
        ACCEPTED = "accepted", _("Offer accepted")
        DECLINED = "declined", _("Offer declined")
        APPROVED = "approved", _("Approved")
        CONFIRMED = "confirmed", _("Confirmed by a second person")
        SENT_BACK = "sent_back", _("Not confirmed by the second person")
        REJECTED = "rejected", _("Rejected")
        APPEALED = "appealed", _("Appealed to the mall")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        OVERTAKEN = "overtaken", _("Everything had gone back already")
        REFUND_FAILED = "refund_failed", _("The refund was refused by the bank")
        REFUNDED = "refunded", _("Refunded")
        COMPENSATED = "compensated", _("Goodwill given")

    case = models.ForeignKey(
        AfterSalesCase, on_delete=models.PROTECT, related_name="steps", verbose_name=_("case")
    )
    what = models.CharField(_("step"), max_length=14, choices=What.choices)
    role = models.CharField(_("as"), max_length=8, choices=Role.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    minor = models.PositiveBigIntegerField(_("amount (fen)"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        """As it happened."""

        verbose_name = _("step of a case")
        verbose_name_plural = _("steps of cases")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Show what happened."""
        return self.get_what_display()


class CaseMessage(models.Model):
    """What somebody wrote on a case; the resident, her leader and the mall read it."""

    case = models.ForeignKey(
        AfterSalesCase, on_delete=models.PROTECT, related_name="messages", verbose_name=_("case")
    )
    role = models.CharField(_("as"), max_length=8, choices=Role.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="case_messages",
        verbose_name=_("written by"),
    )
    text = models.CharField(_("message"), max_length=500)
    key = models.CharField(_("form's key"), max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        """As they were written; a form sent twice is one message."""

        verbose_name = _("message of a case")
        verbose_name_plural = _("messages of cases")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "author", "key"], name="aftersales_message_once"
            )
        ]

    def __str__(self) -> str:
        """Show the text."""
        return self.text
