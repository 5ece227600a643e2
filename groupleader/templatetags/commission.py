"""How commission is explained on a page: the rate, where it comes from, what a line waits for."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from groupleader.models import CommissionAccrual, CommissionTerms, SettlementStatement
from groupleader.services.commissions import RuleScope
from payments.api import Money, local

register = template.Library()
Status = CommissionAccrual.Status
TONES = {
    Status.ESTIMATED: "sky",
    Status.FROZEN: "sun",
    Status.AVAILABLE: "leaf",
    Status.IN_STATEMENT: "sky",
    Status.PAID: "leaf",
    Status.CANCELLED: "quiet",
}
STATEMENT_TONES = {
    SettlementStatement.Status.ISSUED: "sun",
    SettlementStatement.Status.ANSWERED: "sun",
    SettlementStatement.Status.DISPUTED: "",
    SettlementStatement.Status.FAILED: "",
    SettlementStatement.Status.PAID: "leaf",
}


@register.filter
def percent(rate: Decimal) -> str:
    """0.1000 -> "10%", 0.0850 -> "8.5%"."""
    return f"{(rate * 100).normalize():f}%"


@register.filter
def tone(status: str) -> str:
    """Return the tag's colour for the state of a line or a statement."""
    return TONES.get(status) or STATEMENT_TONES.get(status, "sky")


@register.filter
def state_for_her(statement: SettlementStatement) -> str:
    """Say a statement's state as the leader reads it."""
    if statement.status in SettlementStatement.ASKED:
        return _("Please confirm")
    return str(statement.get_status_display())


@register.filter
def how_much(terms: CommissionTerms) -> str:
    """Say what the line's terms give: "10%" or an amount per piece."""
    if terms.rate is not None:
        return percent(terms.rate)
    return _("¥%(amount)s per piece") % {"amount": Money(terms.fixed_minor or 0).to_major_str()}


@register.filter
def where_from(terms: CommissionTerms) -> str:
    """Say whose rule decided for this line."""
    return {
        RuleScope.ITEM.value: _("rule for this item"),
        RuleScope.CATEGORY.value: _("rule for this category"),
        RuleScope.LEADER.value: _("your own rate"),
        RuleScope.TIER.value: _("rate of your tier"),
    }.get(terms.scope, _("general rate"))


@register.filter
def waits_for(accrual: CommissionAccrual) -> str:
    """Say what a line waits for, or how it ended."""
    if accrual.amount_minor < 0 and accrual.status == Status.AVAILABLE:
        return _("Refunded after settlement; it lowers your next statement.")
    if accrual.status == Status.FROZEN and accrual.free_at:
        day = date_format(local(accrual.free_at), "MONTH_DAY_FORMAT")
        return _("Collected; after-sales until %(day)s.") % {"day": day}
    return {
        Status.ESTIMATED: _("Paid; it is yours once the goods are collected."),
        Status.FROZEN: _("Collected; waits until the after-sales window is over."),
        Status.AVAILABLE: _("Goes into your next statement."),
        Status.IN_STATEMENT: _("In a statement; paid with it."),
        Status.PAID: _("Paid out."),
    }.get(Status(accrual.status), _("The goods were refunded; nothing is earned."))


@register.filter
def state_means(status: str) -> str:
    """Say in a few words what a sum in this state is."""
    return {
        Status.ESTIMATED: _("paid, not collected yet"),
        Status.FROZEN: _("collected, may be complained about"),
        Status.AVAILABLE: _("goes into the next statement"),
        Status.IN_STATEMENT: _("being settled"),
        Status.PAID: _("sent to your account"),
    }.get(Status(status), "")


@register.filter
def happened(what: str) -> str:
    """Say what a line of a statement's history means to the leader."""
    return {
        "issued": _("Statement made"),
        "confirmed": _("Confirmed"),
        "disputed": _("You said something is wrong"),
        "answered": _("Answered; please look again"),
        "approved": _("Approved"),
        "paying": _("Transfer started"),
        "nothing_to_pay": _("Nothing left to transfer"),
        "freed": _("Put off; paid with the next file"),
        "paid": _("Paid out"),
        "failed": _("Transfer failed"),
        "returned": _("Your bank sent the money back"),
    }.get(what, what)
