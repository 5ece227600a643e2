"""What a statement says on paper: heading, lines by kind with subtotals, tax by steps, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from groupleader.models import Correction, Deduction, Payout, SettlementStatement, SupplierDue
from groupleader.papers.capitals import capital_yuan
from groupleader.services.tax_steps import TaxStep, steps_of
from groupleader.templatetags.commission import how_much
from payments.api import Money, local

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its day, order, goods, quantity, base and rate where it has them, amount (fen)."""

    day: date
    order_no: str
    title: str
    quantity: int | None
    base_minor: int | None
    rate: str
    minor: int


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind; the subtotal grows as they are read."""

    title: str
    rows: Iterator[Row]
    sums: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Return how many lines were read."""
        return self.sums["lines"]

    @property
    def minor(self) -> int:
        """Return what they come to (fen)."""
        return self.sums["fen"]

    def read(self) -> Iterator[Row]:
        """Yield the lines once, summing them up."""
        for row in self.rows:
            self.sums.update(lines=1, fen=row.minor)
            yield row


def title_of(statement: SettlementStatement) -> str:
    """Return the paper's title."""
    return _("Supplier's statement") if statement.supplier_id else _("Commission statement")


def facts_of(statement: SettlementStatement) -> list[tuple[str, str]]:
    """Return who settles with whom, what time, and how far it is."""
    party = statement.party
    since = f"{local(statement.since):%Y-%m-%d %H:%M}" if statement.since else "–"
    facts = [
        (_("Statement number"), statement.statement_no),
        (pgettext("statement", "From"), settings.LINLI_OPERATOR_NAME or settings.SITE_URL),
        (pgettext("statement", "For"), f"{party.name} ({party.ref})"),
        (_("Period"), statement.period),
        (_("Takes in"), f"{since} – {local(statement.until):%Y-%m-%d %H:%M}"),
        (_("Issued on"), f"{local(statement.issued_at):%Y-%m-%d}" if statement.issued_at else "–"),
        (_("State"), str(statement.get_status_display())),
        (_("Taxed as"), str(statement.get_tax_regime_display())),
        (_("Paid to"), _paid_to(statement) or "–"),
    ]
    if statement.approved_at:
        people = [statement.first_approved_by, statement.approved_by]
        names = ", ".join(str(person) for person in people if person is not None)
        facts.append((_("Approved"), f"{local(statement.approved_at):%Y-%m-%d} {names}"))
    return facts


def _paid_to(statement: SettlementStatement) -> str:
    """Return the account it was paid to, or will be; a later change of it changes no old paper."""
    live = statement.payouts.filter(status__in=Payout.LIVE)
    masked = live.order_by("-attempt").values_list("payee_masked", flat=True).first()
    return masked or statement.party.payee_masked


def headers() -> list[str]:
    """Return the headings of the lines."""
    return [
        _("Day"),
        _("Order"),
        _("Goods"),
        _("Quantity"),
        _("Base"),
        _("Rate"),
        _("Amount"),
    ]


def sections_of(statement: SettlementStatement) -> Iterator[Section]:
    """Yield the lines by kind, each kind read once and a few rows at a time."""
    if statement.supplier_id:
        for kind in SupplierDue.Kind:
            yield Section(str(kind.label), _dues(statement, kind))
    else:
        yield Section(_("Commission"), _accruals(statement, is_back=False))
        yield Section(_("Taken back by refunds"), _accruals(statement, is_back=True))
    yield Section(_("Corrections"), _corrections(statement))
    for kind in Deduction.Kind:
        yield Section(str(kind.label), _deductions(statement, kind))


def _accruals(statement: SettlementStatement, *, is_back: bool) -> Iterator[Row]:
    lines = statement.accruals.filter(
        **({"amount_minor__lt": 0} if is_back else {"amount_minor__gte": 0})
    )
    for line in (
        lines.select_related("terms").order_by("accrued_at", "pk").iterator(chunk_size=_CHUNK)
    ):
        terms = line.terms
        yield Row(
            day=local(line.accrued_at).date(),
            order_no=terms.order_no,
            title=terms.title,
            quantity=terms.quantity,
            base_minor=terms.base_minor,
            rate=how_much(terms),
            minor=line.amount_minor,
        )


def _dues(statement: SettlementStatement, kind: str) -> Iterator[Row]:
    lines = statement.dues.filter(kind=kind).order_by("at", "pk")
    for due in lines.iterator(chunk_size=_CHUNK):
        yield Row(
            day=local(due.at).date(),
            order_no=due.order_no,
            title=due.title,
            quantity=due.quantity,
            base_minor=None,
            rate="",
            minor=due.amount_minor,
        )


def _corrections(statement: SettlementStatement) -> Iterator[Row]:
    for each in Correction.objects.filter(statement=statement).order_by("pk"):
        yield Row(
            day=local(each.decided_at or each.proposed_at).date(),
            order_no=each.correction_no,
            title=each.reason,
            quantity=None,
            base_minor=None,
            rate="",
            minor=each.amount_minor,
        )


def _deductions(statement: SettlementStatement, kind: str) -> Iterator[Row]:
    for each in statement.deductions.filter(kind=kind).order_by("pk"):
        whole = ""
        if each.amount_minor != each.whole_minor:
            whole = _("part of %(amount)s") % {"amount": Money(each.whole_minor).to_major_str()}
        yield Row(
            day=local(each.at).date(),
            order_no=each.case_no or each.order_no,
            title=" ".join(part for part in (each.reason, whole) if part),
            quantity=None,
            base_minor=None,
            rate="",
            minor=-each.amount_minor,
        )


def sums_of(statement: SettlementStatement) -> list[tuple[str, int]]:
    """Return how the lines become what is paid (fen)."""
    return [
        (_("Sum of the lines"), statement.gross_minor or 0),
        (_("Tax withheld"), -(statement.tax_minor or 0)),
        (_("Deductions"), -(statement.deductions_minor or 0)),
        (_("To be paid"), statement.net_minor or 0),
    ]


def in_words(statement: SettlementStatement) -> str:
    """Return what is paid in capital numerals."""
    return capital_yuan(statement.net_minor or 0)


def tax_of(statement: SettlementStatement) -> list[TaxStep]:
    """Return the computation of the tax."""
    return steps_of(statement)


def signatures(statement: SettlementStatement) -> list[str]:
    """Return who signs."""
    return [
        _("Made by"),
        _("Checked by"),
        _("Supplier, seal") if statement.supplier_id else _("Group leader"),
        pgettext("paper", "Date"),
    ]


def major(minor: int) -> Decimal:
    """Return fen as yuan, for a cell that counts."""
    return Decimal(minor) / 100


def shown(minor: int) -> str:
    """Return fen as 1,234.50."""
    return f"{Decimal(minor) / 100:,.2f}"


def cells_of(row: Row) -> list[Any]:
    """Return a line as the cells of a table; money as numbers of yuan."""
    return [
        row.day,
        row.order_no,
        row.title,
        row.quantity,
        None if row.base_minor is None else major(row.base_minor),
        row.rate,
        major(row.minor),
    ]
