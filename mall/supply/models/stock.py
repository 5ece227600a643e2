"""Papers of the depot: goods that came, went out or were counted; which batch went where."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.catalogue.models import Batch
from mall.catalogue.paper_store import PaperStorage
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.supply.models.orders import PurchaseLine, PurchaseOrder
from payments.api import Edges


class StockDocument(models.Model):
    """One counting of goods at the depot. Booked once; a mistake is corrected by another one."""

    class Kind(models.TextChoices):
        """What was counted."""

        GOODS_IN = "goods_in", _("Goods in")
        GOODS_OUT = "goods_out", _("Goods out")
        STOCKTAKING = "stocktaking", _("Stock-taking")

    class State(models.TextChoices):
        """Whether it counts."""

        PROPOSED = "proposed", _("Waits for a second person")
        BOOKED = "booked", pgettext_lazy("stock document", "Booked")
        REFUSED = "refused", pgettext_lazy("stock document", "Refused")

    EDGES: ClassVar[Edges] = {
        State.PROPOSED: frozenset({State.BOOKED, State.REFUSED}),
        State.BOOKED: frozenset(),
        State.REFUSED: frozenset(),
    }

    document_no = models.CharField(_("document number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    purchase = models.ForeignKey(
        PurchaseOrder,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("purchase order"),
    )
    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stock_documents",
        verbose_name=_("group"),
    )
    # the same form sent twice is one document
    wish_key = models.CharField(_("wish"), max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    photo = models.FileField(
        _("photo"), upload_to="depot", storage=PaperStorage(), blank=True, max_length=120
    )
    # what its differences are worth at the price of the goods
    worth_minor = models.PositiveBigIntegerField(_("worth of the differences (fen)"), default=0)
    at = models.DateTimeField(_("counted at"))
    # nobody: goods out are written down by the dispatch itself
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="counted_documents",
        verbose_name=_("counted by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_documents",
        verbose_name=_("decided by"),
    )

    class Meta:
        """A stock-taking says why; a group's goods go out once; the second person is another."""

        verbose_name = _("stock document")
        verbose_name_plural = _("stock documents")
        ordering = ["-pk"]
        permissions = (("book_stockdocument", _("Can book stock-takings of others")),)
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="stocktaking") | ~Q(reason=""),
                name="supply_document_stocktaking_because",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(kind="goods_out"),
                name="supply_document_goes_out_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="goods_out") | Q(counted_by__isnull=False),
                name="supply_document_counted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("counted_by")),
                name="supply_document_two_persons",
            ),
        ]
        indexes = [models.Index(fields=["kind", "-at"], name="supply_document_by_kind")]

    def __str__(self) -> str:
        """Show the number."""
        return self.document_no


class StockDocumentLine(models.Model):
    """What was expected of one stock record, what was counted, and what that changed."""

    document = models.ForeignKey(
        StockDocument,
        on_delete=models.PROTECT,
        related_name="lines",
        verbose_name=_("stock document"),
    )
    stockrecord = models.ForeignKey(
        "partner.StockRecord",
        on_delete=models.PROTECT,
        related_name="document_lines",
        verbose_name=_("stock record"),
    )
    item = models.ForeignKey(
        GroupBuyItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("item"),
    )
    purchase_line = models.ForeignKey(
        PurchaseLine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="document_lines",
        verbose_name=_("line of the purchase order"),
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="document_lines",
        verbose_name=_("batch"),
    )
    title = models.CharField(_("title"), max_length=255)
    expected = models.PositiveIntegerField(_("expected"))
    counted = models.PositiveIntegerField(_("counted"))
    # by how much the stock changed when it was booked
    stock_change = models.IntegerField(_("change of the stock"), default=0)

    class Meta:
        """In the order they were counted."""

        verbose_name = _("line of a stock document")
        verbose_name_plural = _("lines of stock documents")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Show counted of expected."""
        return f"{self.title} {self.counted}/{self.expected}"

    @property
    def difference(self) -> int:
        """Return counted less expected."""
        return self.counted - self.expected


class AloneBooking(models.Model):
    """What one person booked of stock differences alone on a day (fen): where the limit is kept."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("person"),
    )
    day = models.DateField(_("day"))
    minor = models.PositiveBigIntegerField(_("worth (fen)"), default=0)

    class Meta:
        """One row per person and day."""

        verbose_name = _("booked alone")
        verbose_name_plural = _("booked alone")
        constraints = [
            models.UniqueConstraint(fields=["person", "day"], name="supply_alone_one_a_day")
        ]

    def __str__(self) -> str:
        """Show the day's sum."""
        return f"{self.day} {self.minor}"


class BatchShare(models.Model):
    """Goods of a batch that went out for an item: to one group, or to all of them."""

    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="shares", verbose_name=_("batch")
    )
    item = models.ForeignKey(
        GroupBuyItem,
        on_delete=models.PROTECT,
        related_name="batch_shares",
        verbose_name=_("item"),
    )
    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="batch_shares",
        verbose_name=_("group"),
        help_text=_("Empty: all groups of the sale."),
    )
    quantity = models.PositiveIntegerField(
        _("pieces"), null=True, blank=True, help_text=_("Empty: all of them.")
    )
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=150)

    class Meta:
        """A batch is noted once per item, or once per item and group."""

        verbose_name = _("goods of a batch")
        verbose_name_plural = _("goods of batches")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "item"],
                condition=Q(group__isnull=True),
                name="supply_batchshare_once_for_all",
            ),
            models.UniqueConstraint(
                fields=["batch", "item", "group"],
                condition=Q(group__isnull=False),
                name="supply_batchshare_once_per_group",
            ),
        ]

    def __str__(self) -> str:
        """Show batch and item."""
        return f"{self.batch} → {self.item_id}"
