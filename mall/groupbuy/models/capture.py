"""A chat's sign-up chain as the leader pasted it, and what could be read of each line."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models.groups import LeaderGroup


class CaptureInbox(models.Model):
    """One pasted text; its lines stay here until each is confirmed or dropped."""

    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        related_name="captures",
        verbose_name=pgettext_lazy("group buying", "group"),
    )
    pasted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="captures",
        verbose_name=_("pasted by"),
    )
    text = models.TextField(_("text"))
    text_hash = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(_("pasted at"))

    class Meta:
        """The same text pasted twice is one inbox."""

        verbose_name = _("pasted sign-up chain")
        verbose_name_plural = _("pasted sign-up chains")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "text_hash"], name="groupbuy_inbox_text_once")
        ]

    def __str__(self) -> str:
        """Name the group and the moment."""
        return f"{self.group} {self.at:%m-%d %H:%M}"


class CaptureLine(models.Model):
    """A line of the chat: a draft of an order, or what could not be read and why."""

    class State(models.TextChoices):
        """What the leader made of it."""

        DRAFT = "draft", _("To be confirmed")
        CONFIRMED = "confirmed", _("Ordered")
        DROPPED = "dropped", _("Dropped")

    inbox = models.ForeignKey(
        CaptureInbox, on_delete=models.CASCADE, related_name="lines", verbose_name=_("inbox")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    raw = models.CharField(_("as written"), max_length=500)
    name = models.CharField(_("name"), max_length=40, blank=True)
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    remark = models.CharField(_("remark"), max_length=100, blank=True)
    items = models.JSONField(_("pieces by item"), default=dict, blank=True)
    problems = models.JSONField(_("what could not be read"), default=list, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    order_no = models.CharField(_("order number"), max_length=32, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True, editable=False)

    class Meta:
        """In the chat's order; confirmed exactly with an order."""

        verbose_name = _("line of a pasted chain")
        verbose_name_plural = _("lines of pasted chains")
        ordering = ["inbox", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["inbox", "position"], name="groupbuy_capture_position_once"
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed") & ~Q(order_no="")
                | ~Q(state="confirmed") & Q(order_no=""),
                name="groupbuy_capture_confirmed_has_order",
            ),
            models.UniqueConstraint(
                fields=["order_no"],
                condition=~Q(order_no=""),
                name="groupbuy_capture_order_once",
            ),
        ]

    def __str__(self) -> str:
        """Show what was written."""
        return self.raw
