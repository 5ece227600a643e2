"""One order's money followed to every party: what came, from whom, and where each fen is now.

Read from the books alone: the legs of all journals of an order sum to nothing, so what came is
what went, to the fen, whatever happened on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils.module_loading import import_string

from payments.ledger.accounts import CUSTOMER_PREPAYMENT
from payments.ledger.flows import Flow, flows
from payments.models import (
    JournalEntry,
    JournalTransaction,
    Payment,
    Refund,
    Split,
    SplitReturn,
    SplitShare,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One journal, and what the acquirer holds and we owe in goods after it, in minor units."""

    journal: JournalTransaction
    legs: list[JournalEntry]
    moved_minor: int
    at_acquirer_minor: int
    owed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a chapter: what, what about it, how much, and an address for more."""

    what: str
    detail: str = ""
    minor: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What an upper floor knows about an order's money: its own papers, journals and names.

    `events` begin the names of journals that belong to the order; `names` call a drawer's party
    (account code, party) as people do. LINLI_TRAIL lists functions that return one for an order's
    reference, or None.
    """

    title: str
    lines: Sequence[Line] = ()
    events: Sequence[str] = ()
    names: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """All of one order's money."""

    reference: str
    currency: str
    payments: list[Payment]
    refunds: list[Refund]
    shares: list[SplitShare]
    came: list[Flow]
    went: list[Flow]
    steps: list[Step]
    chapters: list[Chapter]

    @property
    def total_minor(self) -> int:
        """What came, which is what went."""
        return sum(flow.minor for flow in self.came)

    @property
    def names(self) -> dict[tuple[str, str], str]:
        """What upper floors call the parties."""
        return {key: name for chapter in self.chapters for key, name in chapter.names.items()}


_PAYMENT_EVENTS: Final = ("capture", "late", "fee")
_REFUND_EVENTS: Final = ("refund", "refund_ok", "refund_back", "refund_hand", "fee_back")
_REFUND_EVENTS_COUNTED: Final = ("refund_fail", "refund_retry", "fee_again", "subsidy_kept")
_RETURN_EVENTS: Final = ("split_back", "split_advance", "split_repaid")


def reference_of(number: str) -> str | None:
    """Return the order that a number belongs to, None where it belongs to none.

    The number may be the order's own, a payment's, a refund's, a split's, a share's, or the
    acquirer's for one of these.
    """
    if not number:
        return None
    searches: tuple[Callable[[], str | None], ...] = (
        lambda: _first(
            Payment.objects.filter(
                Q(reference=number) | Q(payment_no=number) | Q(acquirer_no=number)
            ).values_list("reference", flat=True)
        ),
        lambda: _first(
            Refund.objects.filter(Q(refund_no=number) | Q(acquirer_refund_no=number)).values_list(
                "payment__reference", flat=True
            )
        ),
        lambda: _first(
            Split.objects.filter(
                Q(split_no=number) | Q(shares__share_no=number) | Q(acquirer_split_no=number)
            ).values_list("payment__reference", flat=True)
        ),
        lambda: _first(
            JournalEntry.objects.filter(account="2101", reference=number).values_list(
                "reference", flat=True
            )
        ),
    )
    return next((found for search in searches if (found := search())), None)


def _first(rows: QuerySet[Any, str]) -> str | None:
    return rows.first()


def trail_of(reference: str) -> Trail:
    """Follow an order's money; a constant number of questions however much happened."""
    payments = list(
        Payment.objects.filter(reference=reference)
        .select_related("account")
        .prefetch_related("tenders")
        .order_by("pk")
    )
    refunds = list(
        Refund.objects.filter(payment__in=payments).select_related("payment").order_by("pk")
    )
    shares = list(
        SplitShare.objects.filter(split__payment__in=payments)
        .select_related("split")
        .order_by("pk")
    )
    found = (import_string(path)(reference) for path in settings.LINLI_TRAIL)
    chapters = [chapter for chapter in found if chapter is not None]
    events = _events(payments=payments, refunds=refunds, shares=shares)
    beginnings = [begin for chapter in chapters for begin in chapter.events]
    beginnings += [f"{kind}:{no}" for no in refunds for kind in _REFUND_EVENTS_COUNTED]
    journals = _journals(reference, events=events, beginnings=beginnings)
    came, went = flows(journals)
    return Trail(
        reference=reference,
        currency=payments[0].currency if payments else "CNY",
        payments=payments,
        refunds=refunds,
        shares=shares,
        came=came,
        went=went,
        steps=_steps(journals),
        chapters=chapters,
    )


def _events(
    *, payments: Sequence[Payment], refunds: Sequence[Refund], shares: Sequence[SplitShare]
) -> list[str]:
    returns = SplitReturn.objects.filter(share__in=shares).values_list("return_no", flat=True)
    return [
        *(f"{kind}:{payment}" for payment in payments for kind in _PAYMENT_EVENTS),
        *(f"{kind}:{refund}" for refund in refunds for kind in _REFUND_EVENTS),
        *(f"split:{share.share_no}" for share in shares),
        *(f"{kind}:{number}" for number in returns for kind in _RETURN_EVENTS),
    ]


def _journals(
    reference: str, *, events: Sequence[str], beginnings: Sequence[str]
) -> list[JournalTransaction]:
    """Return the journals of these events, and those that moved the order's prepayment."""
    booked = JournalEntry.objects.filter(account=CUSTOMER_PREPAYMENT.code, reference=reference)
    wanted = Q(ref__in=events) | Q(pk__in=list(booked.values_list("transaction_id", flat=True)))
    for beginning in beginnings:
        wanted |= Q(ref__startswith=beginning)
    return list(
        JournalTransaction.objects.filter(wanted, posted=True)
        .prefetch_related(Prefetch("entries", JournalEntry.objects.order_by("pk")))
        .order_by("pk")
    )


def _steps(journals: Iterable[JournalTransaction]) -> list[Step]:
    steps: list[Step] = []
    at_acquirer = owed = 0
    for journal in journals:
        legs = list(journal.entries.all())
        at_acquirer += sum(leg.amount_minor for leg in legs if leg.account == "1101")
        goods = sum(leg.amount_minor for leg in legs if leg.account in {"2101", "2112"})
        owed -= goods
        # Handing goods over also moves their cost: what she is owed tells the event's size.
        moved = abs(goods) or sum(leg.amount_minor for leg in legs if leg.amount_minor > 0)
        steps.append(Step(journal, legs, moved, at_acquirer, owed))
    return steps
