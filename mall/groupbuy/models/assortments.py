"""What leaders may sell on their own: goods the mall approved, with a floor to the price."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models.buys import GroupBuy


class Assortment(models.Model):
    """A shelf of approved goods, for all leaders or for those it names."""

    name = models.CharField(_("name"), max_length=60)
    leaders = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="assortments",
        verbose_name=_("leaders"),
        help_text=_("Nobody named: every leader may sell from it."),
    )
    approves_itself = models.BooleanField(
        _("approved by itself"),
        default=True,
        help_text=_("A leader's sale that keeps to this assortment needs nobody's approval."),
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        """Listed by name."""

        verbose_name = _("assortment")
        verbose_name_plural = _("assortments")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        """Show its name."""
        return self.name


class AssortmentItem(models.Model):
    """A product leaders may offer: what it costs the mall, and between which prices."""

    assortment = models.ForeignKey(
        Assortment, on_delete=models.CASCADE, related_name="items", verbose_name=_("assortment")
    )
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="assortment_items",
        verbose_name=_("product"),
    )
    stockrecord = models.ForeignKey(
        "partner.StockRecord",
        on_delete=models.PROTECT,
        related_name="assortment_items",
        verbose_name=_("stock record"),
    )
    cost_minor = models.PositiveIntegerField(
        _("cost"), help_text=_("What the supplier is owed per unit, in fen.")
    )
    floor_minor = models.PositiveIntegerField(
        _("lowest price"), validators=[MinValueValidator(1)], help_text=_("In fen.")
    )
    ceiling_minor = models.PositiveIntegerField(
        _("highest price"), validators=[MinValueValidator(1)], help_text=_("In fen.")
    )
    commission_rate = models.DecimalField(
        _("commission margin"),
        max_digits=5,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("The part of the price kept free for the leader: 0.1 is a tenth."),
    )
    most_pieces = models.PositiveIntegerField(
        _("most pieces in a sale"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        """Each product once; never below what it costs."""

        verbose_name = _("assortment item")
        verbose_name_plural = _("assortment items")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assortment", "product"], name="groupbuy_assortment_product_once"
            ),
            models.CheckConstraint(
                condition=Q(floor_minor__gt=0, floor_minor__gte=F("cost_minor")),
                name="groupbuy_assortment_floor_covers_cost",
                violation_error_message=_("The lowest price covers at least the cost."),
            ),
            models.CheckConstraint(
                condition=Q(ceiling_minor__gte=F("floor_minor")),
                name="groupbuy_assortment_prices_in_order",
                violation_error_message=_("The highest price is not below the lowest."),
            ),
            models.CheckConstraint(
                condition=Q(commission_rate__gte=0, commission_rate__lte=1),
                name="groupbuy_assortment_rate_sane",
            ),
        ]

    def __str__(self) -> str:
        """Name the product."""
        return str(self.product)


class OwnSale(models.Model):
    """A leader's own group buy on its way: being written, handed in, approved or refused."""

    class State(models.TextChoices):
        """Where it stands with the mall."""

        DRAFT = "draft", _("Being written")
        SUBMITTED = "submitted", _("Handed in")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    group_buy = models.OneToOneField(
        GroupBuy, on_delete=models.CASCADE, related_name="own_sale", verbose_name=_("group buy")
    )
    assortment = models.ForeignKey(
        Assortment,
        on_delete=models.PROTECT,
        related_name="own_sales",
        verbose_name=_("assortment"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    idem_key = models.CharField(max_length=64, unique=True, editable=False)
    submitted_at = models.DateTimeField(_("handed in at"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="decided_own_sales",
        verbose_name=_("decided by"),
        help_text=_("Nobody: it kept to its assortment and was approved by itself."),
    )
    refused_because = models.CharField(
        _("refused because"), max_length=200, blank=True, editable=False
    )

    class Meta:
        """A refusal says why; what is decided was handed in."""

        verbose_name = _("leader's own sale")
        verbose_name_plural = _("leaders' own sales")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refused_because=""),
                name="groupbuy_own_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(state="submitted", submitted_at__isnull=False)
                | Q(submitted_at__isnull=False, decided_at__isnull=False),
                name="groupbuy_own_decided_after_handing_in",
            ),
        ]

    def __str__(self) -> str:
        """Name the sale."""
        return str(self.group_buy)
