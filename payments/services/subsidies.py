"""Discounts givers have paid for, and the papers behind a campaign's journals.

A bank pays a month's claim; what comes back of that month's discounts afterwards is no longer owed
less but must go back. Which payments those are is kept here, and the refund asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

from django.db.models import Sum

from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.tenders import Funder, TenderPart
from payments.ledger import recipes
from payments.ledger.recipes.tenders import BankMoney, giver_and_campaign
from payments.ledger.subsidies import SubsidyJournal, subsidy_journals
from payments.models import (
    JournalTransaction,
    Payment,
    Refund,
    RefundTender,
    SettledSubsidy,
    Tender,
    UnpaidSubsidy,
)
from payments.services.funds import wake_waiting
from payments.services.transactions import require_transaction

_GIVERS: Final = (Funder.BANK, Funder.GOVERNMENT)
_AT_ONCE: Final = 500
_STATES: Final = {
    UnpaidSubsidy.State.WITHHELD: BankMoney.OWED,
    UnpaidSubsidy.State.BORNE: BankMoney.BORNE,
    UnpaidSubsidy.State.PAID: BankMoney.PAID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyMove:
    """One journal of a campaign with the papers behind it; amounts in minor units.

    `minor` is what the books say, `paper_minor` what the payment's or refund's own rows say, None
    where payments has no paper about it (a voucher redeemed at a merchant's). `number` is the
    journal's own: payment, refund or redemption.
    """

    ref: str
    kind: str
    number: str
    day: date
    minor: int
    to_return_minor: int
    paper_minor: int | None
    payment_no: str = ""
    reference: str = ""
    last4: str = ""
    goods_minor: int = 0


def bank_money_of(payment: Payment, tenders: Iterable[TenderPart]) -> dict[str, BankMoney]:
    """Return by ref whether the givers of these parts have already paid for this payment."""
    refs = {part.ref for part in tenders if part.funder in _GIVERS and part.amount}
    if not refs:
        return {}
    booked = JournalTransaction.objects.filter(ref=f"capture:{payment.payment_no}")
    day = booked.values_list("business_date", flat=True).first()
    said = {
        (row.giver, row.campaign): _STATES[UnpaidSubsidy.State(row.state)]
        for row in payment.unpaid_subsidies.all()
    }
    return {ref: said.get(giver_and_campaign(ref)) or _by_month(ref, day) for ref in refs}


def _by_month(ref: str, day: date | None) -> BankMoney:
    giver, campaign = giver_and_campaign(ref)
    is_paid = (
        day is not None
        and SettledSubsidy.objects.filter(
            giver=giver, campaign=campaign, month=day.replace(day=1)
        ).exists()
    )
    return BankMoney.PAID if is_paid else BankMoney.OWED


def keep_what_was_borne(refund: Refund, tenders: Sequence[TenderPart]) -> None:
    """Book back to the operator what a refund returned of discounts that it had to bear itself."""
    said = bank_money_of(refund.payment, tenders)
    for part in tenders:
        if said.get(part.ref) is BankMoney.BORNE and part.funder in _GIVERS and part.amount:
            giver, campaign = giver_and_campaign(part.ref)
            recipes.subsidy_kept(
                refund_no=refund.refund_no, giver=giver, campaign=campaign, amount=part.amount
            )


def keep_what_came_back(*, payment_no: str, giver: str, campaign: str, after: date) -> None:
    """Book to the operator what refunds after a day returned of a discount it bears now. In a tx.

    They were deducted from what the giver owes, which never paid for it.
    """
    require_transaction()
    rows = RefundTender.objects.filter(refund__payment__payment_no=payment_no, funder__in=_GIVERS)
    for number, ref, minor in rows.values_list("refund__refund_no", "ref", "amount_minor"):
        booked = JournalTransaction.objects.filter(ref=f"refund:{number}", business_date__gt=after)
        if giver_and_campaign(ref) == (giver, campaign) and booked.exists():
            recipes.subsidy_kept(
                refund_no=number, giver=giver, campaign=campaign, amount=Money(minor)
            )


def settle_subsidy_month(*, giver: str, campaign: str, month: date, claim_no: str) -> bool:
    """Note that a giver has paid for a campaign's month; False where that was known. In a tx."""
    require_transaction()
    _row, is_new = SettledSubsidy.objects.get_or_create(
        giver=giver,
        campaign=campaign,
        month=month.replace(day=1),
        defaults={"claim_no": claim_no, "settled_at": now()},
    )
    return is_new


def mark_unpaid_subsidy(*, payment_no: str, giver: str, campaign: str, state: str) -> None:
    """Note what became of one payment's discount that a giver would not pay for. In a tx.

    `state` is withheld, borne or paid. Payment.DoesNotExist for a strange number.
    """
    require_transaction()
    UnpaidSubsidy.objects.update_or_create(
        payment=Payment.objects.get(payment_no=payment_no),
        giver=giver,
        campaign=campaign,
        defaults={"state": UnpaidSubsidy.State(state)},
    )


def take_voucher_back(*, key: str) -> JournalTransaction:
    """Take a merchant's redemption back in the books, as its givers have paid for it or not."""
    require_transaction()
    journal = JournalTransaction.objects.get(ref=f"redeem:{key}")
    entry = journal.entries.filter(account="1131").first()
    ref = f"{entry.party}:{entry.reference}" if entry else ""
    money = _by_month(ref, journal.business_date) if ref else BankMoney.OWED
    return recipes.voucher_unredeemed(key=key, bank_money=money)


def subsidy_moves(*, giver: str, campaign: str, since: date, until: date) -> Iterator[SubsidyMove]:
    """Yield a campaign's journals of these days with their papers, a few hundred at a time."""
    journals = subsidy_journals(giver=giver, campaign=campaign, since=since, until=until)
    while chunk := list(islice(journals, _AT_ONCE)):
        yield from _with_papers(chunk, giver, campaign)


def _with_papers(
    journals: Sequence[SubsidyJournal], giver: str, campaign: str
) -> Iterator[SubsidyMove]:
    numbers = {journal.ref: _number(journal) for journal in journals}
    refunds = {
        refund.refund_no: refund
        for refund in Refund.objects.filter(
            refund_no__in=[
                numbers[one.ref] for one in journals if one.kind in {"refund", "subsidy_kept"}
            ]
        ).select_related("payment")
    }
    captured = {numbers[journal.ref] for journal in journals if journal.kind == "capture"}
    payments = {
        payment.payment_no: payment
        for payment in Payment.objects.filter(
            payment_no__in=captured | {refund.payment.payment_no for refund in refunds.values()}
        )
        .select_related("agreement")
        .annotate(goods=Sum("tenders__actual_minor"))
    }
    given = _given(captured, giver, campaign)
    back = _back(refunds, giver, campaign)
    for journal in journals:
        number = numbers[journal.ref]
        refund = refunds.get(number)
        payment = payments.get(refund.payment.payment_no if refund else number)
        papers = {
            "capture": given.get(number, 0),
            "refund": -back.get(number, 0),
            "subsidy_kept": back.get(number, 0),
        }
        yield SubsidyMove(
            ref=journal.ref,
            kind=journal.kind,
            number=number,
            day=journal.day,
            minor=journal.minor,
            to_return_minor=journal.to_return_minor,
            paper_minor=papers.get(journal.kind),
            payment_no=payment.payment_no if payment else "",
            reference=payment.reference if payment else "",
            last4=payment.agreement.last4 if payment and payment.agreement else "",
            goods_minor=payment.goods if payment else 0,
        )


def _number(journal: SubsidyJournal) -> str:
    return journal.ref.split(":", 2)[1] if ":" in journal.ref else journal.ref


def _given(payment_nos: Iterable[str], giver: str, campaign: str) -> dict[str, int]:
    rows = Tender.objects.filter(payment__payment_no__in=list(payment_nos), funder__in=_GIVERS)
    return _sums(rows.values_list("payment__payment_no", "ref", "actual_minor"), giver, campaign)


def _back(refund_nos: Iterable[str], giver: str, campaign: str) -> dict[str, int]:
    rows = RefundTender.objects.filter(refund__refund_no__in=list(refund_nos), funder__in=_GIVERS)
    return _sums(rows.values_list("refund__refund_no", "ref", "amount_minor"), giver, campaign)


def _sums(rows: Iterable[tuple[str, str, int]], giver: str, campaign: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for number, ref, minor in rows:
        if giver_and_campaign(ref) == (giver, campaign):
            sums[number] = sums.get(number, 0) + minor
    return sums


def receive_subsidy(
    *,
    giver: str,
    receipt_no: str,
    amount: Money,
    owed: Sequence[tuple[str, Money]],
    advance: tuple[str, Money] | None = None,
) -> None:
    """Book money a giver paid (negative: that we paid it) and let waiting payouts go. In a tx."""
    require_transaction()
    recipes.subsidy_receipt(
        giver=giver, receipt_no=receipt_no, amount=amount, owed=owed, advance=advance
    )
    wake_waiting()
