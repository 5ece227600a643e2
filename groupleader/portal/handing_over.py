"""Handing over: find the bag by code, QR or name, see what is in it, give it, next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from groupleader.models import Leader
from groupleader.permissions import is_active_leader, leader_of
from groupleader.portal.access import leader_only
from mall.api import (
    CodeUnknownError,
    OrderGoneError,
    bag_of,
    collect_order,
    find_by_code,
    find_by_token,
    just_collected,
    own_order_no,
    points_of_leader,
    progress_of,
    undo_collection,
)
from payments.api import LinliError, now

UNDO_WITHIN: Final = timedelta(minutes=5)
MEANS: Final = {"code", "scan", "list"}


@csp_update({"script-src": WASM_UNSAFE_EVAL})  # the QR reader is a WebAssembly module of ours
@require_http_methods(["GET", "POST"])
@leader_only
def scan(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show the counter; posted a code or a QR's token, show the bag it opens."""
    if request.method == "GET":
        return _counter(request, leader)
    token, code = request.POST.get("token", ""), request.POST.get("code", "").strip()
    if not token and not code:
        return _counter(request, leader)
    try:
        order_no = _find(request, leader, token=token, code=code)
        bag = bag_of(order_no, by=request.user)
    except LinliError as refusal:
        return _counter(request, leader, refusal=_in_words(refusal))
    return _counter(request, leader, bag=bag, means="scan" if token else "code")


@require_http_methods(["GET", "POST"])
@leader_only
def bag(request: HttpRequest, leader: Leader, order_no: str) -> HttpResponse:
    """Show one bag from the list; posted, hand it over. Sent twice it is one hand-over."""
    try:
        found = bag_of(order_no, by=request.user)
    except OrderGoneError as gone:
        raise Http404 from gone
    if request.method == "GET":
        return _counter(request, leader, bag=found, means="list")
    means = request.POST.get("means", "")
    try:
        collect_order(order_no=order_no, by=request.user, means=means if means in MEANS else "list")
    except LinliError as refusal:
        return _counter(request, leader, refusal=refusal.user_message)
    return _counter(request, leader, done=found)


@require_POST
@leader_only
def undo(request: HttpRequest, leader: Leader, order_no: str) -> HttpResponse:
    """Take back a hand-over of the last five minutes; the neighbour gets a new code."""
    try:
        found = bag_of(order_no, by=request.user)
    except OrderGoneError as gone:
        raise Http404 from gone
    if found.collected_at is None or found.collected_at < now() - UNDO_WITHIN:
        refusal = _("A hand-over can be undone here for five minutes; then ask the operator.")
        return _counter(request, leader, refusal=refusal)
    try:
        undo_collection(order_no=order_no, by=request.user, reason=_("Undone at the counter"))
    except LinliError as error:
        return _counter(request, leader, refusal=error.user_message)
    return _counter(request, leader, bag=bag_of(order_no, by=request.user), means="list")


@require_GET
def pickup_token(request: HttpRequest, token: str) -> HttpResponse:
    """Open what a pickup QR points to: the leader's counter, her own order, or a neutral page."""
    leader = leader_of(request.user)
    if is_active_leader(leader):
        try:
            order_no = find_by_token(token=token, by=request.user).order_no
            return _counter(request, leader, bag=bag_of(order_no, by=request.user), means="scan")
        except LinliError as refusal:
            own = own_order_no(token, resident_id=request.user.pk)
            if not own:
                return _counter(request, leader, refusal=refusal.user_message)
    elif request.user.is_authenticated:
        own = own_order_no(token, resident_id=request.user.pk)
    else:
        own = ""
    if own:
        return redirect("storefront:order", own)
    return render(request, "groupleader/pickup_qr.html")


def _find(request: HttpRequest, leader: Leader, *, token: str, code: str) -> str:
    """Return the order a token or a code opens, the code at the point that was chosen."""
    if token:
        return find_by_token(token=token, by=request.user).order_no
    points = points_of_leader(leader.user_id)
    chosen = _chosen_point(request, points)
    if chosen is None:
        raise CodeUnknownError
    return find_by_code(point_id=chosen, code=code, by=request.user).order_no


def _chosen_point(request: HttpRequest, points: dict[int, str]) -> int | None:
    """Return the point chosen on the page or last time, else the first of hers."""
    wish = str(request.POST.get("point") or request.session.get("counter_point"))
    chosen = next((point for point in points if str(point) == wish), None)
    if chosen is None:
        return next(iter(points), None)
    if request.session.get("counter_point") != chosen:
        request.session["counter_point"] = chosen
    return chosen


def _in_words(refusal: LinliError) -> str:
    left = refusal.data.get("tries_left")
    if left:
        tries = _("%(left)s more tries before a pause of a minute.") % {"left": left}
        return f"{refusal.user_message} {tries}"
    return str(refusal.user_message)


def _counter(request: HttpRequest, leader: Leader | None, **found: Any) -> HttpResponse:
    """Show the counter; of a request by the page itself only the part that changes."""
    user_id = request.user.pk
    points = points_of_leader(user_id)
    context = {
        "door": "scan",
        "leader": leader,
        "points": points,
        "point": _chosen_point(request, points),
        "progress": progress_of(user_id),
        "recent": [
            order
            for order in just_collected(user_id)
            if order.collected_at and order.collected_at > now() - UNDO_WITHIN
        ],
        **found,
    }
    part = "groupleader/parts/bag.html" if request.htmx else "groupleader/scan.html"
    return render(request, part, context)
