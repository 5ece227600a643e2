"""Neighbours' complaints: the urgent first, with photos; give, offer, pass on or say no."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from mall.api import (
    AskedNothingError,
    CaseGoneError,
    approve_case,
    leader_case,
    leader_cases,
    offer_on_case,
    pass_case_on,
    reject_case,
    write_on_case,
)
from payments.api import LinliError, Money

_PER_PAGE: Final = 20
_DIGITS_MAX: Final = 6
_YUAN_MAX: Final = 1_000_000
Act = Callable[[HttpRequest, str], str]


@require_GET
@leader_only
def cases(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List her neighbours' cases: hers to decide, others decide, over."""
    filters = [
        {"value": "", "label": _("Yours to decide")},
        {"value": "others", "label": _("Others decide")},
        {"value": "done", "label": _("Decided")},
    ]
    show = request.GET.get("show", "")
    show = show if any(each["value"] == show for each in filters) else ""
    found = leader_cases(leader.user_id, show=show)
    context = {
        "door": "home",
        "leader": leader,
        "filters": filters,
        "show": show,
        "page": Paginator(found, _PER_PAGE).get_page(request.GET.get("page")),
        "base": f"show={show}&" if show else "",
    }
    return render(request, "groupleader/cases.html", context)


@require_GET
@leader_only
def case(request: HttpRequest, leader: Leader, case_no: str) -> HttpResponse:
    """Show one case with its photos and what deciding it costs whom."""
    try:
        page = leader_case(case_no, leader=leader.user)
    except CaseGoneError as gone:
        raise Http404 from gone
    context = {"door": "home", "leader": leader, "page": page, "key": secrets.token_urlsafe(16)}
    return render(request, "groupleader/cases_one.html", context)


@require_POST
@leader_only
def act(  # noqa: PLR0917 - Django calls it so
    request: HttpRequest, leader: Leader, case_no: str, what: str
) -> HttpResponse:
    """Do what a button on the case says."""
    del leader  # the services ask who is signed in
    do = _ACTS.get(what)
    if do is None:
        raise Http404
    try:
        messages.success(request, do(request, case_no))
    except CaseGoneError as gone:
        raise Http404 from gone
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
    return redirect("groupleader:case", case_no)


def _approve(request: HttpRequest, case_no: str) -> str:
    approve_case(
        case_no=case_no,
        leader=_by(request),
        quantity=_pieces(request),
        payer_minor=_fen(request),
        note=_said(request),
    )
    return _("Given. The money is on its way back.")


def _approve_part(request: HttpRequest, case_no: str) -> str:
    if not _pieces(request) and not _fen(request):
        raise AskedNothingError
    return _approve(request, case_no)


def _offer(request: HttpRequest, case_no: str) -> str:
    offer_on_case(
        case_no=case_no,
        leader=_by(request),
        text=_said(request),
        quantity=_pieces(request),
        payer_minor=_fen(request),
    )
    return _("Offered. Your neighbour accepts it, or the mall decides.")


def _reject(request: HttpRequest, case_no: str) -> str:
    reject_case(case_no=case_no, leader=_by(request), text=_said(request))
    return _("Said no. Your neighbour may ask the mall once.")


def _pass_on(request: HttpRequest, case_no: str) -> str:
    pass_case_on(case_no=case_no, leader=_by(request), note=_said(request))
    return _("Passed on. The mall decides.")


def _write(request: HttpRequest, case_no: str) -> str:
    key = request.POST.get("key", "") or secrets.token_urlsafe(16)
    write_on_case(case_no=case_no, leader=_by(request), text=_said(request), key=key)
    return _("Sent.")


_ACTS: Final[dict[str, Act]] = {
    "approve": _approve,
    "approve-part": _approve_part,
    "offer": _offer,
    "reject": _reject,
    "pass-on": _pass_on,
    "write": _write,
}


def _by(request: HttpRequest) -> Any:
    return request.user


def _said(request: HttpRequest) -> str:
    return request.POST.get("text", "").strip()[:500]


def _pieces(request: HttpRequest) -> int:
    """Read for how many pieces; what is no number is none."""
    typed = request.POST.get("quantity", "").strip()
    return int(typed) if typed.isdecimal() and len(typed) <= _DIGITS_MAX else 0


def _fen(request: HttpRequest) -> int:
    """Read an amount in yuan; what is none, or has parts of a fen, is nothing."""
    try:
        yuan = Decimal(request.POST.get("amount", "").strip() or "0")
        return Money.from_major(yuan).minor if 0 < yuan <= _YUAN_MAX else 0
    except (InvalidOperation, ValueError):
        return 0
