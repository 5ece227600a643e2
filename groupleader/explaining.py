"""One line of commission in plain words: on what, which rate, what came off, what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from groupleader.models import CommissionAccrual, CommissionTerms, TakenBack
from groupleader.services.agreeing import taken_of, whole_commission_of
from groupleader.services.commissions import share_of
from groupleader.services.cutting import cut_after
from groupleader.templatetags.commission import how_much, percent, where_from
from mall.api import LineMoney, line_money
from payments.api import Money, local

Status = CommissionAccrual.Status
Part = CommissionTerms.Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line of an account: what it is, how much (fen), and a word on it."""

    what: str
    minor: int
    note: str = ""
    is_sum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one refund took: when, which, how much of the base, how much of the commission (fen)."""

    at: datetime
    refund_no: str
    value_minor: int
    taken_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything the page of one line says."""

    accrual: CommissionAccrual
    base: Sequence[Step]
    rate: str
    rate_from: str
    formula: Sequence[str]
    withheld: str
    takings: Sequence[Taken]
    waits: Sequence[str]


def explain(accrual: CommissionAccrual) -> Explanation:
    """Explain one line; the accrual comes with its terms, rule and statement. Four queries."""
    terms = accrual.terms
    money = line_money([terms.line_id]).get(terms.line_id)
    return Explanation(
        accrual=accrual,
        base=_base(terms, money),
        rate=how_much(terms),
        rate_from=_rate_from(terms),
        formula=_formula(terms),
        withheld=_withheld(terms),
        takings=_takings(terms),
        waits=_waits(accrual, money),
    )


def _base(terms: CommissionTerms, money: LineMoney | None) -> list[Step]:
    """Say how the base came about; where the order is not known, just what it is."""
    whole = Step(what=_("Base of your commission"), minor=terms.base_minor, is_sum=True)
    if money is None or money.base_minor != terms.base_minor:
        return [whole]
    price = f"{money.quantity} × {_yen(money.unit_minor)}"
    steps = [Step(what=_("Goods"), minor=money.value_minor, note=price)]
    for off in money.off:
        paid_by = _("paid by: %(who)s") % {"who": off.funder}
        if off.lowers_base:
            steps.append(Step(what=off.name, minor=-off.minor, note=paid_by))
        else:
            kept = _("%(amount)s off for the neighbour, but not off your base: it is their money.")
            note = f"{paid_by}. " + kept % {"amount": _yen(off.minor)}
            steps.append(Step(what=off.name, minor=0, note=note))
    return [*steps, whole]


def _rate_from(terms: CommissionTerms) -> str:
    if terms.part == Part.AWARD:
        return _("award for a leader you brought in: %(name)s") % {"name": terms.of_leader}
    said = where_from(terms)
    if terms.rule is None:
        return said
    valid = date_format(local(terms.rule.valid_from), "DATE_FORMAT")
    said = _("%(rule)s, valid from %(day)s") % {"rule": said, "day": valid}
    return f"{said} · {terms.rule.note}" if terms.rule.note else said


def _formula(terms: CommissionTerms) -> list[str]:
    """Say the sum with the figures put in, one step a line."""
    if terms.part == Part.AWARD:
        return [_yen(terms.base_minor)]
    whole = whole_commission_of(terms)
    if terms.rate is not None:
        first = f"{_yen(terms.base_minor)} × {percent(terms.rate)} = {_yen(whole)}"
    else:
        each = _yen(terms.fixed_minor or 0)
        first = f"{each} × {terms.quantity} = {_yen(whole)}"
    steps = [first + " " + _("(never more than the base, cut down to the fen)")]
    if not terms.share:
        return steps
    shared = share_of(whole, terms.share)
    figures = {"share": percent(terms.share), "amount": _yen(shared), "rest": _yen(whole - shared)}
    if terms.part == Part.LEADER:
        said = _("%(share)s of it, %(amount)s, goes to the keeper of the point; %(rest)s is yours.")
    else:
        figures["name"] = str(terms.of_leader)
        said = _("Of this, the commission of %(name)s, your share is %(share)s: %(amount)s.")
    return [*steps, said % figures]


def _withheld(terms: CommissionTerms) -> str:
    return {
        CommissionTerms.Withheld.OWN.value: _(
            "This is an order of your own; the mall pays no commission on those."
        ),
        CommissionTerms.Withheld.OUTLET.value: _("This outlet earns no commission."),
        CommissionTerms.Withheld.NOBODY.value: _("The order went on to somebody else."),
    }.get(terms.withheld, "")


def _takings(terms: CommissionTerms) -> list[Taken]:
    """Return what each refund took, by the rule that a line given back whole leaves nothing."""
    found, before = [], 0
    for taking in TakenBack.objects.filter(terms=terms):
        taken = taken_of(terms, already=before, now=taking.value_minor)
        before += taking.value_minor
        found.append(
            Taken(
                at=taking.at,
                refund_no=taking.refund_no.removeprefix("order:"),
                value_minor=taking.value_minor,
                taken_minor=taken,
            )
        )
    return found


def _waits(accrual: CommissionAccrual, money: LineMoney | None) -> list[str]:
    """Say where the money is and what comes next, one sentence each."""
    if accrual.status == Status.CANCELLED:
        return [_("All of it was refunded or went elsewhere; nothing is earned.")]
    if accrual.amount_minor < 0 and accrual.status == Status.AVAILABLE:
        return [_("Refunded after it was settled; it lowers your next statement."), _next(accrual)]
    if accrual.status == Status.ESTIMATED:
        paid = _("Paid on %(day)s.") % {"day": _moment(accrual.accrued_at)}
        return [paid, _("It is yours once the goods are collected.")]
    return [*_collected(accrual), *_then(accrual, money)]


def _then(accrual: CommissionAccrual, money: LineMoney | None) -> list[str]:
    """Say what comes after the goods were collected."""
    if accrual.status == Status.AVAILABLE:
        return [_("The after-sales window is over."), _next(accrual)]
    if accrual.status != Status.FROZEN:
        return _settled(accrual)
    if money is None or not money.has_open_case:
        return [_next(accrual)]
    return [
        _("A complaint about this order is open: it waits until that is decided."),
        _next(accrual),
    ]


def _collected(accrual: CommissionAccrual) -> list[str]:
    if accrual.frozen_at is None or accrual.terms.part == Part.AWARD:
        return []
    told = [_("Collected on %(day)s.") % {"day": _moment(accrual.frozen_at)}]
    if accrual.status == Status.FROZEN and accrual.free_at is not None:
        until = _moment(accrual.free_at)
        told.append(_("The neighbour may complain until %(day)s.") % {"day": until})
    return told


def _next(accrual: CommissionAccrual) -> str:
    """Say which statement it goes into: of the period in which its window ends."""
    free = accrual.available_at or accrual.free_at
    if free is None:
        return _("Then it goes into your next statement.")
    cut = cut_after(accrual.leader, free)
    day = date_format(local(cut.until), "MONTH_DAY_FORMAT")
    words = {"period": cut.label, "day": day}
    return _("It goes into the statement %(period)s, made on %(day)s.") % words


def _settled(accrual: CommissionAccrual) -> list[str]:
    statement = accrual.statement
    if statement is None:
        return []
    number = {"number": statement.statement_no, "state": statement.get_status_display()}
    if accrual.status == Status.PAID and statement.paid_at:
        told = _("Paid out with statement %(number)s on %(day)s.")
        return [told % (number | {"day": _moment(statement.paid_at)})]
    return [_("In statement %(number)s (%(state)s); paid with it.") % number]


def _moment(at: datetime) -> str:
    return f"{date_format(local(at), 'MONTH_DAY_FORMAT')} {local(at):%H:%M}"


def _yen(minor: int) -> str:
    return f"¥{Money(minor).to_major_str()}"
