"""Weighing on the phone: what is to be weighed, one line after the other, on a big number pad."""

from __future__ import annotations

import secrets
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from mall.api import (
    TARES,
    BeyondToleranceError,
    LineUnknownError,
    Weigher,
    WeighRow,
    line_to_weigh,
    lines_to_weigh,
    undo_weighing,
    weigh_by_hand,
)
from payments.api import LinliError

_DIGITS_MAX: Final = 6


@require_GET
@leader_only
def weighing(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List the goods priced by weight: those without a weight first."""
    rows = lines_to_weigh(leader.user_id)
    context = {
        "door": "arrivals",
        "leader": leader,
        "total": len(rows),
        "to_weigh": [row for row in rows if row.grams is None],
        "weighed": [row for row in rows if row.grams is not None],
    }
    return render(request, "groupleader/weighing.html", context)


@require_http_methods(["GET", "POST"])
@leader_only
def weigh(request: HttpRequest, leader: Leader, line_id: int) -> HttpResponse:
    """Weigh one line or one bag of it; posted, go on to the next without a weight."""
    row = _row_or_404(request, line_id)
    if request.method == "GET":
        return _pad(request, leader, row)
    typed = request.POST.get("typed", "")
    try:
        done = weigh_by_hand(
            line_id=line_id,
            typed=typed,
            details=_details(request),
            by=request.user,
            key=request.POST.get("key", "")[:32] or secrets.token_hex(8),
        )
    except BeyondToleranceError as doubt:
        return _pad(request, leader, row, typed=typed, doubt=doubt)
    except LinliError as refusal:
        return _pad(request, leader, row, typed=typed, refusal=refusal)
    messages.success(request, _said(done))
    return _to_next(leader, line_id)


@require_POST
@leader_only
def undo(request: HttpRequest, _leader: Leader, weighing_id: int) -> HttpResponse:
    """Strike a weight out until the goods are handed over."""
    try:
        struck = undo_weighing(weighing_id=weighing_id, weigher=Weigher(user=request.user))
    except LineUnknownError as gone:
        raise Http404 from gone
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
        return redirect("groupleader:weighing")
    messages.success(request, _("Struck out. Please weigh it again."))
    return redirect("groupleader:weigh", struck.line_id)


def _row_or_404(request: HttpRequest, line_id: int) -> WeighRow:
    try:
        return line_to_weigh(line_id, by=request.user)
    except (LineUnknownError, OverflowError) as gone:
        raise Http404 from gone


def _pad(
    request: HttpRequest,
    leader: Leader,
    row: WeighRow,
    *,
    typed: str = "",
    refusal: LinliError | None = None,
    doubt: LinliError | None = None,
) -> HttpResponse:
    context = {
        "door": "arrivals",
        "leader": leader,
        "row": row,
        "piece": _piece(request, row),
        "pieces": range(1, row.pieces + 1) if row.pieces > 1 else (),
        "typed": typed[:60],
        "tare": request.POST.get("tare_grams", "0"),
        "tares": TARES,
        "key": secrets.token_hex(8),
        "refusal": refusal.user_message if refusal else "",
        "doubt": doubt.data if doubt else None,
        "keys": (*"789", *"456", *"123", "+", "0"),
    }
    # A doubt is a question, not a refusal.
    status = refusal.http_status if refusal else 200
    return render(request, "groupleader/weigh.html", context, status=status)


def _piece(request: HttpRequest, row: WeighRow) -> int:
    """Return the bag that is asked for, else the next without a weight, else the whole line."""
    wish = _whole(request.POST.get("piece") or request.GET.get("piece", ""))
    if wish is not None and wish <= row.pieces:
        return wish
    if row.weighings and row.weighings[-1].piece and row.left:
        return row.left[0]
    return 0


def _details(request: HttpRequest) -> dict[str, Any]:
    return {
        "piece": _whole(request.POST.get("piece", "")) or 0,
        "tare_grams": _whole(request.POST.get("tare_grams", "")) or 0,
        "reason": request.POST.get("reason", ""),
        "photo": request.FILES.get("photo"),
    }


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _DIGITS_MAX else None


def _said(done: Any) -> str:
    if done.off_minor:
        return _("%(grams)s g. The difference goes back to the neighbour by itself.") % {
            "grams": done.grams
        }
    return _("%(grams)s g. Written down.") % {"grams": done.grams}


def _to_next(leader: Leader, line_id: int) -> HttpResponse:
    """Go where the hand goes next: another bag of the line, the next line, or the list."""
    rows = [row for row in lines_to_weigh(leader.user_id) if row.grams is None]
    same = next((row for row in rows if row.line_id == line_id), None)
    chosen = same or next(iter(rows), None)
    if chosen is None:
        return redirect("groupleader:weighing")
    return redirect("groupleader:weigh", chosen.line_id)
