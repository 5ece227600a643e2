"""What a supplier must bring for a group buy: the order and its lines."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models import GroupBuy, GroupBuyItem
from payments.api import Edges


class PurchaseOrder(models.Model):
    """One supplier's goods for one group buy. Frozen when it is sent; a supplement corrects it."""

    class Kind(models.TextChoices):
        """The order itself, or what was corrected after it had gone out."""

        ORIGINAL = "original", _("Purchase order")
        SUPPLEMENT = "supplement", _("Supplement order")

    class Status(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", pgettext_lazy("purchase order", "Draft")
        SENT = "sent", pgettext_lazy("purchase order", "Sent")
        ACKNOWLEDGED = "acknowledged", pgettext_lazy("purchase order", "Acknowledged")
        ANSWERED_SHORT = "answered_short", pgettext_lazy("purchase order", "Cannot bring all")
        DELIVERED = "delivered", pgettext_lazy("purchase order", "Delivered")
        CLOSED = "closed", pgettext_lazy("purchase order", "Closed")
        VOID = "void", pgettext_lazy("purchase order", "Void")

    # A supplier may answer again until the goods are counted in; what never went out may be void.
    EDGES: ClassVar[Edges] = {
        Status.DRAFT: frozenset({Status.SENT, Status.VOID}),
        Status.SENT: frozenset({Status.ACKNOWLEDGED, Status.ANSWERED_SHORT, Status.DELIVERED}),
        Status.ACKNOWLEDGED: frozenset({Status.ANSWERED_SHORT, Status.DELIVERED}),
        Status.ANSWERED_SHORT: frozenset({Status.ACKNOWLEDGED, Status.DELIVERED}),
        Status.DELIVERED: frozenset({Status.CLOSED}),
        Status.CLOSED: frozenset(),
        Status.VOID: frozenset(),
    }
    OUT: ClassVar[tuple[str, ...]] = (Status.SENT, Status.ACKNOWLEDGED, Status.ANSWERED_SHORT)

    class Means(models.TextChoices):
        """How it went out."""

        LINK = "link", _("By a link to the supplier's phone")
        HAND = "hand", _("By hand")

    purchase_no = models.CharField(_("purchase order number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.ORIGINAL)
    supplements = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="supplement_orders",
        verbose_name=_("supplement to"),
    )
    supplier = models.ForeignKey(
        "partner.Partner",
        on_delete=models.PROTECT,
        related_name="purchase_orders",
        verbose_name=_("supplier"),
    )
    group_buy = models.ForeignKey(
        GroupBuy,
        on_delete=models.PROTECT,
        related_name="purchase_orders",
        verbose_name=_("group buy"),
    )
    status = models.CharField(
        _("status"), max_length=14, choices=Status.choices, default=Status.DRAFT
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    # where and by when, as it was then: name, contact, phone, address, depot, notes
    snapshot = models.JSONField(_("supplier and depot as ordered"), default=dict)
    deliver_until = models.DateTimeField(_("to be delivered until"))

    # what its lines come to; no weight where a product has none: the order cannot go out then
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    pieces = models.IntegerField(_("pieces"), default=0)
    grams = models.BigIntegerField(_("weight (g)"), null=True, blank=True)
    cost_minor = models.BigIntegerField(_("cost (fen)"), default=0)

    # when and by whom
    drafted_at = models.DateTimeField(_("drafted at"))
    # the orders of residents were counted at this instant
    counted_at = models.DateTimeField(_("counted at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    sent_by = models.CharField(_("sent by"), max_length=150, blank=True)
    sent_means = models.CharField(_("sent how"), max_length=4, choices=Means.choices, blank=True)
    sent_reason = models.CharField(_("why by hand"), max_length=200, blank=True)
    last_sent_at = models.DateTimeField(_("last sent at"), null=True, blank=True)
    times_sent = models.PositiveSmallIntegerField(_("times sent"), default=0)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    times_reminded = models.PositiveSmallIntegerField(_("times reminded"), default=0)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=150, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    closed_at = models.DateTimeField(
        pgettext_lazy("purchase order", "closed at"), null=True, blank=True
    )
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    class Meta:
        """One live order per group buy and supplier; what went out says when and how."""

        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        ordering = ["-pk"]
        permissions = (("send_purchaseorder", _("Can send purchase orders to suppliers")),)
        constraints = [
            models.UniqueConstraint(
                fields=["group_buy", "supplier"],
                condition=Q(kind="original") & ~Q(status="void"),
                name="supply_purchaseorder_one_live",
            ),
            models.UniqueConstraint(
                fields=["group_buy", "supplier"],
                condition=Q(kind="supplement", status="draft", reason=""),
                name="supply_purchaseorder_one_draft_supplement",
            ),
            models.CheckConstraint(
                condition=Q(kind="original", supplements__isnull=True)
                | Q(kind="supplement", supplements__isnull=False),
                name="supply_purchaseorder_supplement_of_something",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("draft", "void"))
                | (Q(sent_at__isnull=False, grams__isnull=False, line_count__gt=0)),
                name="supply_purchaseorder_sent_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(sent_means="hand") | ~Q(sent_reason=""),
                name="supply_purchaseorder_by_hand_because",
            ),
            models.CheckConstraint(
                condition=Q(kind="supplement") | Q(pieces__gte=0, cost_minor__gte=0),
                name="supply_purchaseorder_asks_for_something",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "sent_at"], name="supply_purchase_by_status"),
            models.Index(fields=["deliver_until"], name="supply_purchase_by_day"),
            models.Index(fields=["supplier", "-id"], name="supply_purchase_of_supplier"),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.purchase_no

    @property
    def is_out(self) -> bool:
        """Tell whether it went out and the goods are not counted in yet."""
        return self.status in self.OUT


class PurchaseLine(models.Model):
    """So many of one product at one cost. A supplement's may be negative: not needed any more."""

    purchase = models.ForeignKey(
        PurchaseOrder,
        on_delete=models.CASCADE,
        related_name="lines",
        verbose_name=_("purchase order"),
    )
    item = models.ForeignKey(
        GroupBuyItem,
        on_delete=models.PROTECT,
        related_name="purchase_lines",
        verbose_name=_("item"),
    )
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="purchase_lines",
        verbose_name=_("product"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # as they were then
    title = models.CharField(_("title"), max_length=255)
    title_en = models.CharField(_("English title"), max_length=255, blank=True)
    sku = models.CharField(_("article number"), max_length=128, blank=True)
    sales_unit = models.CharField(_("sales unit"), max_length=20, blank=True)
    storage_class = models.CharField(_("storage"), max_length=10, blank=True)
    case_size = models.PositiveIntegerField(_("pieces per case"), default=1)
    # as wide as their product: a database multiplies in the type of what it multiplies
    net_grams = models.PositiveBigIntegerField(_("net weight in grams"), null=True, blank=True)

    pieces = models.IntegerField(_("pieces"))
    grams = models.BigIntegerField(_("weight (g)"), null=True, blank=True)
    unit_cost_minor = models.PositiveBigIntegerField(_("cost per unit (fen)"))
    cost_minor = models.BigIntegerField(_("cost (fen)"))

    # what the supplier says it can bring; nothing said is all of it
    can_bring = models.PositiveIntegerField(_("can bring"), null=True, blank=True)
    short_because = models.CharField(_("why less"), max_length=200, blank=True)
    rest_until = models.DateField(_("the rest by"), null=True, blank=True)
    # when the shortage was shared out among the residents
    shared_at = models.DateTimeField(_("shared out at"), null=True, blank=True)
    # what was counted at the depot
    delivered = models.PositiveIntegerField(_("delivered"), null=True, blank=True)

    class Meta:
        """A product once per cost; the parts make the sums; nobody brings more than was ordered."""

        verbose_name = _("line of a purchase order")
        verbose_name_plural = _("lines of purchase orders")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "item", "unit_cost_minor"], name="supply_purchaseline_once"
            ),
            models.CheckConstraint(
                condition=Q(grams__isnull=True, net_grams__isnull=True)
                | Q(grams=F("pieces") * F("net_grams"), net_grams__gt=0),
                name="supply_purchaseline_weighs_its_pieces",
            ),
            models.CheckConstraint(
                condition=Q(can_bring__isnull=True) | Q(can_bring__lte=F("pieces")),
                name="supply_purchaseline_brings_no_more",
            ),
            models.CheckConstraint(
                condition=Q(can_bring__isnull=True)
                | Q(can_bring=F("pieces"))
                | ~Q(short_because=""),
                name="supply_purchaseline_short_because",
            ),
            models.CheckConstraint(
                condition=Q(case_size__gt=0), name="supply_purchaseline_case_holds_something"
            ),
        ]

    def __str__(self) -> str:
        """Show how many of what."""
        return f"{self.title} × {self.pieces}"

    @property
    def cases(self) -> int:
        """Return how many full cases the pieces make; 0 where goods come by the piece."""
        return self.pieces // self.case_size if self.case_size > 1 and self.pieces > 0 else 0

    @property
    def loose(self) -> int:
        """Return the pieces beyond the full cases."""
        return self.pieces - self.cases * self.case_size

    @property
    def missing(self) -> int:
        """Return how many pieces the supplier says it cannot bring."""
        return 0 if self.can_bring is None else self.pieces - self.can_bring
