"""What a supplier is beyond its name: contact, licence, what it may see, when it delivers."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.catalogue.paper_store import PaperStorage


class SupplierProfile(models.Model):
    """The other half of an Oscar partner. Changed through mall.catalogue.suppliers only."""

    class State(models.TextChoices):
        """Whether its goods may be sold."""

        APPLIED = "applied", pgettext_lazy("supplier", "Applied")
        NORMAL = "normal", pgettext_lazy("supplier", "Normal")
        FROZEN = "frozen", pgettext_lazy("supplier", "Frozen")

    partner = models.OneToOneField(
        "partner.Partner",
        on_delete=models.CASCADE,
        related_name="profile",
        verbose_name=_("supplier"),
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=State.choices,
        default=State.APPLIED,
        help_text=_("Goods of a frozen supplier, or of one that only applied, are not on sale."),
    )
    frozen_because = models.CharField(_("why it is frozen"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    contact = models.CharField(_("contact"), max_length=40, blank=True)
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    address = models.CharField(_("depot or farm address"), max_length=200, blank=True)

    licence_no = models.CharField(_("licence number"), max_length=60, blank=True)
    licence_until = models.DateField(_("licence valid until"), null=True, blank=True)
    licence_file = models.FileField(
        _("licence"),
        upload_to="licences",
        storage=PaperStorage(),
        blank=True,
        max_length=120,
        help_text=_("A PDF or a picture."),
    )

    # what it may see of residents; nothing unless the mall says so
    sees_names = models.BooleanField(
        _("sees names"),
        default=False,
        help_text=_("Names of residents on its lists, masked. Off: sums per pickup point only."),
    )
    sees_phones = models.BooleanField(
        _("sees phone numbers"),
        default=False,
        help_text=_("The last four digits beside a name."),
    )

    # who looks at what it proposes
    audits_new = models.BooleanField(_("new goods wait for the mall"), default=True)
    audits_changes = models.BooleanField(_("changes of goods wait for the mall"), default=True)

    # delivering
    is_sent_by_itself = models.BooleanField(
        _("orders go out by themselves"),
        default=False,
        help_text=_("Complete purchase orders are sent without anybody pressing a button."),
    )
    delivers_by = models.TimeField(
        _("delivers until"),
        null=True,
        blank=True,
        help_text=_("On the pickup day, at the mall's depot. Empty: as the mall always asks."),
    )
    break_from = models.DateField(_("does not deliver from"), null=True, blank=True)
    break_until = models.DateField(
        _("does not deliver until"), null=True, blank=True, help_text=_("The last day of it.")
    )
    delivery_notes = models.CharField(_("notes on delivery"), max_length=200, blank=True)
    cost_terms = models.CharField(
        _("terms of payment"), max_length=200, blank=True, help_text=_("For example: weekly.")
    )
    remind_minutes = models.PositiveSmallIntegerField(
        _("minutes until a reminder"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
        help_text=_("How long an order may stay unanswered before the supplier is asked again."),
    )

    class Meta:
        """A break has both ends or none; who is frozen is told why."""

        verbose_name = _("supplier's details")
        verbose_name_plural = _("suppliers' details")
        ordering = ["partner__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(break_from__isnull=True, break_until__isnull=True)
                | Q(
                    break_from__isnull=False,
                    break_until__isnull=False,
                    break_until__gte=F("break_from"),
                ),
                name="mall_catalogue_supplier_break_has_both_ends",
                violation_error_message=_("A break needs a first and a last day, in that order."),
            ),
            models.CheckConstraint(
                condition=~Q(state="frozen") | ~Q(frozen_because=""),
                name="mall_catalogue_supplier_frozen_because",
                violation_error_message=_("Say why the supplier is frozen."),
            ),
            models.CheckConstraint(
                condition=Q(sees_names=True) | Q(sees_phones=False),
                name="mall_catalogue_supplier_phones_with_names",
                violation_error_message=_("Phone numbers are only shown beside names."),
            ),
        ]

    def __str__(self) -> str:
        """Name the supplier."""
        return str(self.partner)

    def licence_is_over(self, day: date) -> bool:
        """Tell whether its licence has run out on that Shanghai day; without a date it has not."""
        return self.licence_until is not None and self.licence_until < day

    def has_break(self, day: date) -> bool:
        """Tell whether it does not deliver on that Shanghai day."""
        if self.break_from is None or self.break_until is None:
            return False
        return self.break_from <= day <= self.break_until


class SupplierChange(models.Model):
    """What somebody changed about a supplier: before and after, kept for good."""

    profile = models.ForeignKey(
        SupplierProfile,
        on_delete=models.CASCADE,
        related_name="changes",
        verbose_name=_("supplier"),
    )
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=150)
    # by field: what it said before, and what it says since
    changed = models.JSONField(_("what changed"), default=dict)

    class Meta:
        """The newest first."""

        verbose_name = _("change of a supplier")
        verbose_name_plural = _("changes of suppliers")
        ordering = ["-pk"]

    def __str__(self) -> str:
        """Name what changed."""
        return ", ".join(self.changed)
