"""Partners' addresses, and every call to them."""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.api import Edges

_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a signing secret in the form of Standard Webhooks: whsec_ and 32 random bytes."""
    return f"whsec_{b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def new_call_no() -> str:
    """Return the public number of one call: 128 random bits."""
    return f"msg_{secrets.token_hex(16)}"


class Webhook(models.Model):
    """A partner's address and what it wants to know. Its secret is shown once."""

    name = models.CharField(_("partner"), max_length=60)
    url = models.URLField(_("address"), max_length=300)
    facts = models.JSONField(_("facts"), default=list)
    secret = models.CharField(_("secret"), max_length=80, default=new_secret, editable=False)
    # While a partner changes over, calls carry the signature of the old secret too.
    old_secret = models.CharField(_("old secret"), max_length=80, blank=True, editable=False)
    is_on = models.BooleanField(_("in use"), default=True)
    # since when nothing got through; after LINLI_WEBHOOK_DAYS it is turned off
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    off_because = models.CharField(_("why turned off"), max_length=80, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("written by"),
    )
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)

    class Meta:
        """Listed by partner."""

        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]
        permissions = [("rotate_secret", "Can give a webhook a new secret")]

    def __str__(self) -> str:
        """Name the partner."""
        return self.name


class WebhookCall(models.Model):
    """One fact for one partner. The body is kept as it is signed: every try sends the same."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", pgettext_lazy("message", "Waiting")
        CALLING = "calling", pgettext_lazy("message", "Being sent")
        TAKEN = "taken", _("Taken by the partner")
        GIVEN_UP = "given_up", pgettext_lazy("message", "Given up")

    EDGES: ClassVar[Edges] = {
        State.WAITING: frozenset({State.CALLING, State.GIVEN_UP}),
        State.CALLING: frozenset({State.WAITING, State.TAKEN, State.GIVEN_UP}),
        State.TAKEN: frozenset(),
        State.GIVEN_UP: frozenset({State.WAITING}),
    }

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="calls", verbose_name=_("webhook")
    )
    call_no = models.CharField(_("number"), max_length=40, unique=True, default=new_call_no)
    fact = models.CharField(_("fact"), max_length=40)
    occurrence = models.CharField(_("occurrence"), max_length=160)
    body = models.TextField(_("body"))
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try"))
    status = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)
    why = models.CharField(_("why not"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("written at"))
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)

    class Meta:
        """A partner is told each occurrence once; found by what is due."""

        verbose_name = _("webhook call")
        verbose_name_plural = _("webhook calls")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "fact", "occurrence"], name="webhooks_call_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=["waiting", "calling"]),
                name="webhooks_call_due",
            )
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.call_no
