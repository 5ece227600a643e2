"""Statements of acquirers: the paper as it came, and its lines."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.acquiring.capabilities import BillKind
from payments.acquiring.contract import Outcome
from payments.kernel.money import Money
from payments.kernel.state import Edges
from payments.models import AcquirerAccount
from payments.reconciliation.models.kinds import RecordKind
from payments.reconciliation.models.problems import problem_words


class Bill(models.Model):
    """One acquirer's statement of one of its days and one kind; other bytes are another version.

    A version's bytes lie under DATA_DIR/bills, named by their digest, and are never changed. The
    version that counts is the newest that could be read whole (`is_current`).
    """

    class Kind(models.TextChoices):
        """What the statement is about; the words of acquiring's BillKind."""

        TRADE = BillKind.TRADE, _("payments and refunds")
        FUND = BillKind.FUND, pgettext_lazy("record", "settlement")
        SPLIT = BillKind.SPLIT, pgettext_lazy("bill", "shares")
        TRANSFER = BillKind.TRANSFER, pgettext_lazy("bill", "transfers")

    class State(models.TextChoices):
        """How far the statement is."""

        EXPECTED = "expected", pgettext_lazy("bill", "expected")
        NOT_YET = "not_yet", _("not ready at the acquirer")
        FETCHED = "fetched", _("fetched, being read")
        IMPORTED = "imported", _("read, not compared yet")
        EMPTY = "empty", _("nothing happened that day")
        BAD = "bad", _("not what it says it is")
        MATCHED = "matched", _("compared")
        CLOSED = "closed", pgettext_lazy("bill", "closed")
        REPLACED = "replaced", _("replaced by a newer version")

    EDGES: ClassVar[Edges] = {
        State.EXPECTED: frozenset({State.NOT_YET, State.FETCHED, State.EMPTY, State.BAD}),
        State.NOT_YET: frozenset({State.NOT_YET, State.FETCHED, State.EMPTY, State.BAD}),
        State.FETCHED: frozenset({State.IMPORTED, State.BAD}),
        State.IMPORTED: frozenset({State.MATCHED, State.REPLACED}),
        State.EMPTY: frozenset({State.MATCHED, State.REPLACED}),
        State.MATCHED: frozenset({State.MATCHED, State.IMPORTED, State.CLOSED, State.REPLACED}),
        State.CLOSED: frozenset({State.MATCHED, State.IMPORTED, State.REPLACED}),
        State.BAD: frozenset(),
        State.REPLACED: frozenset(),
    }
    # Still to be fetched.
    WANTED = (State.EXPECTED, State.NOT_YET)
    # Read whole: its lines count.
    READ = (State.IMPORTED, State.EMPTY, State.MATCHED, State.CLOSED)

    account = models.ForeignKey(
        AcquirerAccount,
        on_delete=models.PROTECT,
        related_name="bills",
        verbose_name=_("acquirer account"),
    )
    account_code = models.CharField(_("account"), max_length=40)
    merchant = models.CharField(_("acquirer and merchant number"), max_length=110)
    day = models.DateField(_("acquirer's day"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    version = models.PositiveIntegerField(_("version"), default=1)
    is_current = models.BooleanField(_("counts"), default=False)
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.EXPECTED
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    lease_until = models.DateTimeField(_("in work until"), null=True, blank=True)
    source = models.CharField(_("came from"), max_length=200, blank=True)
    path = models.CharField(
        _("file"), max_length=300, blank=True, help_text=_("Within the bills folder.")
    )
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    declared_digest = models.CharField(_("declared digest"), max_length=128, blank=True)
    digest_name = models.CharField(_("declared as"), max_length=20, blank=True)
    problem = models.CharField(_("what is wrong with it"), max_length=40, blank=True)
    problem_detail = models.CharField(_("in detail"), max_length=500, blank=True)
    line_count = models.PositiveBigIntegerField(_("lines"), default=0)
    totals = models.JSONField(
        _("sums"), default=dict, help_text=_("Per kind of line: count, amount and fee.")
    )
    fetched_at = models.DateTimeField(_("fetched"), null=True, blank=True)
    imported_at = models.DateTimeField(_("read"), null=True, blank=True)
    matched_at = models.DateTimeField(pgettext_lazy("date", "compared"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("bill", "closed at"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True)
    closing = models.JSONField(
        _("closing equation"), default=dict, help_text=_("As it was when the bill was closed.")
    )
    created_at = models.DateTimeField(_("expected since"))

    class Meta:
        """One paper per version, one version that counts."""

        verbose_name = _("acquirer's bill")
        verbose_name_plural = _("acquirers' bills")
        ordering = ("-day", "account_code", "kind", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("account_code", "merchant", "day", "kind", "version"),
                name="reconciliation_bill_version_once",
            ),
            models.UniqueConstraint(
                fields=("account_code", "merchant", "day", "kind"),
                condition=Q(is_current=True),
                name="reconciliation_bill_one_current",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False)
                | Q(state__in=["imported", "empty", "matched", "closed"]),
                name="reconciliation_bill_current_was_read",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_try_at",),
                condition=Q(next_try_at__isnull=False),
                name="reconciliation_bill_due",
            ),
            models.Index(fields=("state",), name="reconciliation_bill_state"),
        )

    def __str__(self) -> str:
        """Show account, day, kind and version."""
        return f"{self.account_code} {self.day} {self.kind} v{self.version}"

    @property
    def problem_words(self) -> str:
        """What is wrong with it, in words; nothing where nothing is."""
        return problem_words(self.problem)


class BillLine(models.Model):
    """One line of a statement in our words, as `acquiring.sharing.BillLine` describes it.

    Never changed: what was made of a line stands in the cases. Lines of a statement that turned
    out bad are taken away again before anybody counts them. How a line stands in the file, word
    by word, is read from the file.
    """

    class Result(models.TextChoices):
        """What the acquirer says became of it; the words of acquiring's Outcome."""

        SUCCEEDED = Outcome.SUCCEEDED, _("succeeded")
        PENDING = Outcome.PENDING, _("under way")
        REQUIRES_ACTION = Outcome.REQUIRES_ACTION, _("waiting for the payer")
        FAILED = Outcome.FAILED, _("failed")
        CLOSED = Outcome.CLOSED, _("closed")
        UNKNOWN = Outcome.UNKNOWN, _("unknown")
        NOT_FOUND = Outcome.NOT_FOUND, _("not found")

    # A statement may have a million lines, written at once, and a bill is never deleted: a foreign
    # key asked about for each of them would cost more than reading them.
    bill = models.ForeignKey(
        Bill,
        on_delete=models.PROTECT,
        related_name="lines",
        db_constraint=False,
        db_index=False,
        verbose_name=_("bill"),
    )
    line_no = models.PositiveBigIntegerField(_("line"))
    kind = models.CharField(_("kind"), max_length=20, choices=RecordKind.choices)
    own_no = models.CharField(_("our number"), max_length=64, blank=True)
    acquirer_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))
    fee_minor = models.BigIntegerField(_("fee"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Result.choices)
    at = models.DateTimeField(_("at"))
    related_no = models.CharField(_("belongs to"), max_length=64, blank=True)
    party = models.CharField(_("party"), max_length=64, blank=True)

    class Meta:
        """A line is read once; numbers are what it is found by."""

        verbose_name = _("line of a bill")
        verbose_name_plural = _("lines of bills")
        ordering = ("bill", "line_no")
        constraints = (
            models.UniqueConstraint(
                fields=("bill", "line_no"), name="reconciliation_billline_once"
            ),
        )
        indexes = (models.Index(fields=("own_no", "kind"), name="reconciliation_line_number"),)

    def __str__(self) -> str:
        """Show line and number."""
        return f"{self.line_no}: {self.kind} {self.own_no}"

    @property
    def bill_money(self) -> Money:
        """What the line says was moved."""
        return Money(self.amount_minor, self.currency)
