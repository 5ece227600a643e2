"""A leader's statements: every line and why, tax by steps, agreeing, disagreeing, papers."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader import selectors
from groupleader.models import Leader, SettlementStatement, StatementMessage
from groupleader.papers.files import PAPERS, paper_response, statement_file
from groupleader.payout_words import payouts_of
from groupleader.portal.access import leader_only
from groupleader.services.payouts import failure_for_leader
from groupleader.services.statements import confirm_statement, dispute_statement
from groupleader.services.talking import Said, say
from groupleader.services.tax_steps import steps_of
from groupleader.statement_lines import accruals_shown, line_number
from payments.api import LinliError

LINES_PER_PAGE: Final = 20
STATEMENTS_PER_PAGE: Final = 12
# What happened behind the counter and means nothing to her.
_UNTOLD: Final = ("cut", "first_approval", "paid_twice", "corrected")


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
    found = _own(leader, statement_no)
    show, words = request.GET.get("show", ""), request.GET.get("q", "").strip()[:60]
    lines = accruals_shown(found, show=show, words=words)
    payout = found.payouts.first()
    kept = {name: value for name, value in (("show", show), ("q", words)) if value}
    return render(
        request,
        "groupleader/statement.html",
        {
            "door": "earnings",
            "leader": leader,
            "statement": found,
            "page": Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("page")),
            "base": f"{urlencode(kept)}&" if kept else "",
            "show": show,
            "q": words,
            "about": selectors.line_of(found, line_number(request.GET.get("line"))),
            "corrections": found.corrections.order_by("pk"),
            "deductions": found.deductions.order_by("pk"),
            "steps": steps_of(found),
            "talk": found.messages.select_related("accrual__terms", "by").prefetch_related(
                "papers"
            ),
            "events": found.events.exclude(what__in=_UNTOLD),
            "payout": payout,
            "payouts": payouts_of(found),
            "failure": failure_for_leader(payout) if payout and payout.failure_code else "",
            "silence_ends": selectors.silence_ends(found),
            "forms": PAPERS,
        },
    )


@require_POST
@leader_only
def confirm(request: HttpRequest, leader: Leader, statement_no: str) -> HttpResponse:
    """The leader agrees with a statement."""
    found = _own(leader, statement_no)
    try:
        confirm_statement(statement=found, by=request.user)
        messages.success(request, _("Confirmed. It is paid as soon as it is approved."))
    except LinliError as refusal:
        messages.error(request, refusal.user_message)
    return redirect("groupleader:statement", statement_no)


@require_POST
@leader_only
def dispute(request: HttpRequest, leader: Leader, statement_no: str) -> HttpResponse:
    """The leader says what is wrong with a statement, or with one line of it."""
    found = _own(leader, statement_no)
    said = _said(request, request.POST.get("reason", ""))
    try:
        dispute_statement(statement=found, reason=said.text, by=request.user, said=said)
        messages.success(request, _("Thank you. We look at it and answer you here."))
    except LinliError as refusal:
        messages.error(request, refusal.user_message)
    return redirect("groupleader:statement", statement_no)


@require_POST
@leader_only
def write(request: HttpRequest, leader: Leader, statement_no: str) -> HttpResponse:
    """The leader adds something to what was said about a statement."""
    found = _own(leader, statement_no)
    said = _said(request, request.POST.get("text", ""))
    try:
        say(statement=found, side=StatementMessage.Side.PARTY, said=said)
    except LinliError as refusal:
        messages.error(request, refusal.user_message)
    return redirect(f"{request.path.removesuffix('write/')}#talk")


@require_GET
@leader_only
def paper(_request: HttpRequest, leader: Leader, statement_no: str, name: str) -> HttpResponseBase:
    """Give a paper that was sent about one of her statements."""
    return paper_response(_own(leader, statement_no), name)


@require_GET
@leader_only
def document(
    _request: HttpRequest, leader: Leader, statement_no: str, form: str
) -> HttpResponseBase:
    """Give one of her statements as a file an accountant accepts."""
    if form not in PAPERS:
        raise Http404
    found = _own(leader, statement_no)
    name = f"{found.statement_no}.{form}"
    return FileResponse(
        statement_file(found, form), as_attachment=True, filename=name, content_type=PAPERS[form]
    )


def _own(leader: Leader, statement_no: str) -> SettlementStatement:
    return get_object_or_404(selectors.statements_of(leader), statement_no=statement_no)


def _said(request: HttpRequest, text: str) -> Said:
    return Said(
        text=text,
        by=request.user,
        accrual_id=line_number(request.POST.get("line")),
        files=request.FILES.getlist("files"),
    )
