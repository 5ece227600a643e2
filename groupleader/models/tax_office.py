"""What the tax office is told and paid: identities under seal, quarterly reports, tax remitted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groupleader.models.leaders import Leader
from groupleader.models.talks import PaperStorage, paper_path


class TaxIdentity(models.Model):
    """A leader's number of identity, under seal: opened only into the tax office's file."""

    leader = models.OneToOneField(
        Leader, on_delete=models.PROTECT, related_name="tax_identity", verbose_name=_("leader")
    )
    legal_name = models.CharField(_("name on the identity card"), max_length=60)
    number_sealed = models.TextField(_("identity number, sealed"), editable=False)
    last4 = models.CharField(_("last four digits"), max_length=4)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"))

    class Meta:
        """One per leader."""

        verbose_name = _("tax identity")
        verbose_name_plural = _("tax identities")
        ordering = ["leader"]

    def __str__(self) -> str:
        """Show the last four digits only."""
        return f"····{self.last4}"


class TaxReport(models.Model):
    """A quarter as it was told to the tax office; its rows are frozen with it."""

    quarter = models.CharField(_("quarter"), max_length=7, unique=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("issued by"),
    )
    issued_at = models.DateTimeField(_("issued at"))
    people = models.PositiveIntegerField(_("people"))
    gross_minor = models.BigIntegerField(_("income (fen)"))
    tax_minor = models.BigIntegerField(_("tax withheld (fen)"))
    sha256 = models.CharField(_("SHA-256 of the lines"), max_length=64)

    class Meta:
        """The newest first."""

        verbose_name = _("report to the tax office")
        verbose_name_plural = _("reports to the tax office")
        ordering = ["-quarter"]
        permissions = [("open_taxreport", _("Can open the tax office's file"))]

    def __str__(self) -> str:
        """Show the quarter."""
        return self.quarter


class TaxReportRow(models.Model):
    """One person's quarter."""

    report = models.ForeignKey(
        TaxReport, on_delete=models.PROTECT, related_name="rows", verbose_name=_("report")
    )
    leader = models.ForeignKey(
        Leader, on_delete=models.PROTECT, related_name="+", verbose_name=_("leader")
    )
    name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    number_sealed = models.TextField(_("identity number, sealed"), blank=True, editable=False)
    tax_regime = models.CharField(_("taxed as"), max_length=24)
    orders = models.PositiveIntegerField(_("orders"))
    earned_minor = models.BigIntegerField(_("earned (fen)"))
    taken_back_minor = models.BigIntegerField(_("taken back by refunds (fen)"))
    gross_minor = models.BigIntegerField(_("income (fen)"))
    deductions_minor = models.BigIntegerField(_("deductions (fen)"))
    tax_minor = models.BigIntegerField(_("tax withheld (fen)"))
    net_minor = models.BigIntegerField(_("net (fen)"))

    class Meta:
        """One row per person; its figures fit together."""

        verbose_name = _("line of a report to the tax office")
        verbose_name_plural = _("lines of reports to the tax office")
        ordering = ["leader"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "leader"], name="groupleader_taxrow_one_a_person"
            ),
            models.CheckConstraint(
                name="groupleader_taxrow_adds_up",
                condition=Q(
                    gross_minor=F("earned_minor") - F("taken_back_minor"),
                    net_minor=F("gross_minor") - F("tax_minor") - F("deductions_minor"),
                ),
            ),
        ]

    def __str__(self) -> str:
        """Show whose."""
        return self.name


class TaxFileOpened(models.Model):
    """Who opened the tax office's file, with the identity numbers in it, and when."""

    report = models.ForeignKey(
        TaxReport, on_delete=models.PROTECT, related_name="opened", verbose_name=_("report")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))
    form = models.CharField(_("file"), max_length=4)

    class Meta:
        """The newest first."""

        verbose_name = _("opening of the tax office's file")
        verbose_name_plural = _("openings of the tax office's file")
        ordering = ["-pk"]

    def __str__(self) -> str:
        """Show the quarter and the kind of file."""
        return f"{self.report} {self.form}"


class TaxRemittance(models.Model):
    """The tax withheld in a month, paid to the tax office: with proof, and two people."""

    month = models.CharField(_("month"), max_length=7, unique=True)
    amount_minor = models.BigIntegerField(_("amount (fen)"))
    people = models.PositiveIntegerField(_("people"))
    paid_on = models.DateField(_("paid on"))
    receipt_no = models.CharField(_("number of the tax receipt"), max_length=40)
    proof = models.FileField(
        _("proof"), storage=PaperStorage(), upload_to=paper_path, max_length=120
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("prepared by"),
    )
    prepared_at = models.DateTimeField(_("prepared at"))
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("booked by"),
    )
    booked_at = models.DateTimeField(_("booked at"), null=True)

    class Meta:
        """One per month, by two people."""

        verbose_name = _("tax remittance")
        verbose_name_plural = _("tax remittances")
        ordering = ["-month"]
        permissions = [("book_taxremittance", _("Can book tax remittances another prepared"))]
        constraints = [
            models.CheckConstraint(
                name="groupleader_remittance_positive", condition=Q(amount_minor__gt=0)
            ),
            models.CheckConstraint(
                name="groupleader_remittance_two",
                condition=Q(booked_by__isnull=True) | ~Q(booked_by=F("prepared_by")),
            ),
        ]

    def __str__(self) -> str:
        """Show the month."""
        return self.month
