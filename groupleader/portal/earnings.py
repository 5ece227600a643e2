"""The leader's money: what each line earns and why, statements to confirm, the account."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader import selectors
from groupleader.models import CommissionAccrual, Leader
from groupleader.portal.access import leader_only
from groupleader.services.payouts import failure_for_leader
from groupleader.services.statements import confirm_statement, dispute_statement
from payments.api import LinliError

LINES_PER_PAGE = 20
STATEMENTS_PER_PAGE = 12


@require_GET
@leader_only
def earnings(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show what is estimated, frozen, available, in a statement and paid, and every line."""
    status = request.GET.get("state", "")
    lines = Paginator(selectors.accruals_of(leader, status=status), LINES_PER_PAGE)
    return render(
        request,
        "groupleader/earnings.html",
        {
            "door": "earnings",
            "leader": leader,
            "sums": selectors.sums_by_state(leader),
            "curve": selectors.curve(leader),
            "page": lines.get_page(request.GET.get("page")),
            "state": status if status in CommissionAccrual.Status.values else "",
        },
    )


@require_GET
@leader_only
def statements(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List the leader's statements, newest first."""
    pages = Paginator(selectors.statements_of(leader), STATEMENTS_PER_PAGE)
    context = {
        "door": "earnings",
        "leader": leader,
        "page": pages.get_page(request.GET.get("page")),
    }
    return render(request, "groupleader/statements.html", context)


@require_GET
@leader_only
def statement(request: HttpRequest, leader: Leader, statement_no: str) -> HttpResponse:
    """Show one of her statements: lines, tax, what happened to it, what she can do."""
    found = get_object_or_404(selectors.statements_of(leader), statement_no=statement_no)
    lines = found.accruals.select_related("terms").order_by("accrued_at", "pk")
    payout = found.payouts.first()
    return render(
        request,
        "groupleader/statement.html",
        {
            "door": "earnings",
            "leader": leader,
            "statement": found,
            "page": Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("page")),
            "events": found.events.exclude(what__in=["cut", "first_approval", "paid_twice"]),
            "payout": payout,
            "failure": failure_for_leader(payout) if payout and payout.failure_code else "",
            "silence_ends": selectors.silence_ends(found),
        },
    )


@require_POST
@leader_only
def confirm(request: HttpRequest, leader: Leader, statement_no: str) -> HttpResponse:
    """The leader agrees with a statement."""
    found = get_object_or_404(selectors.statements_of(leader), statement_no=statement_no)
    try:
        confirm_statement(statement=found, by=request.user)
        messages.success(request, _("Confirmed. It is paid as soon as it is approved."))
    except LinliError as refusal:
        messages.error(request, refusal.user_message)
    return redirect("groupleader:statement", statement_no)


@require_POST
@leader_only
def dispute(request: HttpRequest, leader: Leader, statement_no: str) -> HttpResponse:
    """The leader says what is wrong with a statement."""
    found = get_object_or_404(selectors.statements_of(leader), statement_no=statement_no)
    try:
        dispute_statement(statement=found, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, _("Thank you. We look at it and answer you here."))
    except LinliError as refusal:
        messages.error(request, refusal.user_message)
    return redirect("groupleader:statement", statement_no)
