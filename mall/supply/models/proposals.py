"""What a supplier would like to sell, or to change about what it sells."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.catalogue.paper_store import PaperStorage
from payments.api import Edges


class ProductProposal(models.Model):
    """A new product or changes of one. Nothing of it is on sale before the mall approves."""

    class Kind(models.TextChoices):
        """A new product or a change of one."""

        NEW = "new", _("New product")
        CHANGE = "change", _("Change of a product")

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", pgettext_lazy("proposal", "Waiting")
        APPROVED = "approved", pgettext_lazy("proposal", "Approved")
        REFUSED = "refused", pgettext_lazy("proposal", "Refused")

    EDGES: ClassVar[Edges] = {
        State.PENDING: frozenset({State.APPROVED, State.REFUSED}),
        State.APPROVED: frozenset(),
        State.REFUSED: frozenset(),
    }

    supplier = models.ForeignKey(
        "partner.Partner",
        on_delete=models.CASCADE,
        related_name="product_proposals",
        verbose_name=_("supplier"),
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("product"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    # by field: what it says now, and what it shall say; only what differs
    wished = models.JSONField(_("wished"), default=dict)
    before = models.JSONField(_("before"), default=dict)
    picture = models.FileField(
        _("picture"), upload_to="proposals", storage=PaperStorage(), blank=True, max_length=120
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    # the same form sent twice is one proposal
    wish_key = models.CharField(_("wish"), max_length=64)
    made_at = models.DateTimeField(_("made at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=300, blank=True)

    class Meta:
        """A wish once; a change names its product; a refusal says why."""

        verbose_name = _("product proposal")
        verbose_name_plural = _("product proposals")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "wish_key"], name="supply_proposal_wish_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="new") | Q(product__isnull=False),
                name="supply_proposal_changes_something",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(decision=""),
                name="supply_proposal_refused_because",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="supply_proposal_queue")]

    def __str__(self) -> str:
        """Name the product."""
        return str(self.wished.get("title") or self.product or self.pk)
