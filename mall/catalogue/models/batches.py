"""What the food law wants known of goods: which batch, from when, with which papers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.catalogue.paper_store import PaperStorage, paper_path


class Batch(models.Model):
    """Goods of one harvest or production run of a supplier, with what proves they are safe.

    Never deleted: it must be shown for six months after its shelf life, or two years.
    """

    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="batches",
        verbose_name=_("product"),
    )
    supplier = models.ForeignKey(
        "partner.Partner",
        on_delete=models.PROTECT,
        related_name="batches",
        verbose_name=_("supplier"),
    )
    batch_no = models.CharField(_("batch number"), max_length=40)
    origin = models.CharField(
        _("origin"), max_length=60, blank=True, help_text=_("Empty: as the product says.")
    )
    harvested_on = models.DateField(_("harvested on"), null=True, blank=True)
    produced_on = models.DateField(_("produced on"), null=True, blank=True)
    best_before = models.DateField(_("best before"), null=True, blank=True)

    certificate = models.FileField(
        _("certificate"),
        upload_to=paper_path,
        storage=PaperStorage(),
        blank=True,
        max_length=120,
        help_text=_("Proof of origin or quarantine: a PDF or a picture."),
    )
    report = models.FileField(
        _("inspection report"),
        upload_to=paper_path,
        storage=PaperStorage(),
        blank=True,
        max_length=120,
        help_text=_("A PDF or a picture."),
    )
    report_no = models.CharField(_("report number"), max_length=60, blank=True)
    report_by = models.CharField(_("inspected by"), max_length=80, blank=True)
    reported_on = models.DateField(_("report of"), null=True, blank=True)
    report_valid_until = models.DateField(
        _("report valid until"),
        null=True,
        blank=True,
        help_text=_("After this day the product is not sold until a newer report is here."),
    )

    is_current = models.BooleanField(_("current"), default=False, editable=False)
    is_recalled = models.BooleanField(_("recalled"), default=False, editable=False)
    recalled_at = models.DateTimeField(_("recalled at"), null=True, blank=True, editable=False)
    recall_reason = models.CharField(_("why recalled"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
        editable=False,
    )

    class Meta:
        """One row per number of a supplier; one batch of a product is the current one."""

        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "supplier", "batch_no"],
                name="mall_catalogue_batch_number_once",
                violation_error_message=_("This supplier has a batch of that number already."),
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(is_current=True),
                name="mall_catalogue_batch_one_current",
            ),
            models.CheckConstraint(
                condition=Q(best_before__isnull=True)
                | (
                    (Q(produced_on__isnull=True) | Q(best_before__gte=F("produced_on")))
                    & (Q(harvested_on__isnull=True) | Q(best_before__gte=F("harvested_on")))
                ),
                name="mall_catalogue_batch_dates_in_order",
                violation_error_message=_("It cannot spoil before it was made."),
            ),
            models.CheckConstraint(
                condition=Q(is_recalled=False, recalled_at__isnull=True)
                | Q(is_recalled=True, recalled_at__isnull=False),
                name="mall_catalogue_batch_recall_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["report_valid_until"], name="mall_catalogue_batch_report"),
            models.Index(fields=["best_before"], name="mall_catalogue_batch_before"),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.batch_no
