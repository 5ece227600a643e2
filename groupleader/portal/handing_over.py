"""Handing over: find the bag by code, QR or name, see what is in it, give it, next."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from groupleader.portal.access import AtCounter, at_counter, counter_only
from mall.api import (
    Bag,
    CodeUnknownError,
    OrderGoneError,
    bag_of,
    bag_of_code,
    collect_order,
    collect_part,
    collect_together,
    find_by_code,
    find_by_tail,
    find_by_token,
    just_collected,
    own_order_no,
    progress_of,
    undo_collection,
)
from payments.api import LinliError, now

UNDO_WITHIN: Final = timedelta(minutes=5)
MEANS: Final = {"code", "scan", "list"}
TAIL: Final = 4
_DIGITS_MAX: Final = 9


@csp_update({"script-src": WASM_UNSAFE_EVAL})  # the QR reader is a WebAssembly module of ours
@require_http_methods(["GET", "POST"])
@counter_only
def scan(request: HttpRequest, who: AtCounter) -> HttpResponse:
    """Show the counter; posted a code, a phone's last four digits or a QR, show what it opens."""
    if request.method == "GET":
        return _counter(request, who)
    token, code = request.POST.get("token", ""), "".join(request.POST.get("code", "").split())
    if not token and not code:
        return _counter(request, who)
    if not token and len(code) == TAIL and code.isdecimal():
        return _by_tail(request, who, code)
    try:
        order_no = _find(request, who, token=token, code=code)
        bag = bag_of(order_no, by=request.user)
    except LinliError as refusal:
        return _counter(request, who, refusal=_in_words(refusal))
    return _counter(request, who, bag=bag, means="scan" if token else "code")


@require_http_methods(["GET", "POST"])
@counter_only
def bag(request: HttpRequest, who: AtCounter, order_no: str) -> HttpResponse:
    """Show one bag from the list; posted, hand it over. Sent twice it is one hand-over."""
    found = _bag_or_404(request, order_no)
    if request.method == "GET":
        return _counter(request, who, bag=found, means="list")
    means = _means(request)
    others = {other.order_no for other in found.others} & set(request.POST.getlist("together"))
    try:
        collect_order(order_no=order_no, by=request.user, means=means)
        if others:
            collect_together(order_nos=sorted(others), by=request.user, means=means)
    except LinliError as refusal:
        return _counter(request, who, refusal=refusal.user_message)
    return _counter(request, who, done=found, done_bags=1 + len(others))


@require_POST
@counter_only
def part(request: HttpRequest, who: AtCounter, order_no: str) -> HttpResponse:
    """Hand over some pieces of a bag; the rest waits on under the same code."""
    found = _bag_or_404(request, order_no)
    pieces = {line.line_id: _whole(request, f"piece-{line.line_id}") for line in found.lines}
    key = request.POST.get("key", "")[:32]
    try:
        visit = collect_part(
            order_no=order_no, pieces=pieces, by=request.user, means=_means(request), key=key
        )
    except LinliError as refusal:
        return _counter(request, who, bag=found, means=_means(request), note=_in_words(refusal))
    rest = None if visit.is_last else bag_of(order_no, by=request.user)
    return _counter(request, who, done=found, rest=rest, done_bags=1)


@require_POST
@counter_only
def undo(request: HttpRequest, who: AtCounter, order_no: str) -> HttpResponse:
    """Take back a hand-over: within five minutes at a touch, later with the reason."""
    found = _bag_or_404(request, order_no)
    reason = request.POST.get("reason", "").strip()[:200]
    visit_id = _whole(request, "visit") or None
    if not reason and not _is_recent(request, order_no, visit_id):
        refusal = _("A hand-over can be undone at a touch for five minutes; later, say why.")
        return _counter(request, who, bag=found, means="list", refusal=refusal)
    try:
        undo_collection(
            order_no=order_no,
            by=request.user,
            reason=reason or _("Undone at the counter"),
            collection_id=visit_id,
        )
    except LinliError as error:
        return _counter(request, who, refusal=error.user_message)
    return _counter(request, who, bag=bag_of(order_no, by=request.user), means="list")


@require_GET
def pickup_token(request: HttpRequest, token: str) -> HttpResponse:
    """Open what a pickup QR points to: the leader's counter, her own order, or a neutral page."""
    who = at_counter(request)
    if who is not None:
        request.counter = who
        try:
            order_no = find_by_token(token=token, by=request.user).order_no
            return _counter(request, who, bag=bag_of(order_no, by=request.user), means="scan")
        except LinliError as refusal:
            own = own_order_no(token, resident_id=request.user.pk)
            if not own:
                return _counter(request, who, refusal=refusal.user_message)
    elif request.user.is_authenticated:
        own = own_order_no(token, resident_id=request.user.pk)
    else:
        own = ""
    if own:
        return redirect("storefront:order", own)
    return render(request, "groupleader/pickup_qr.html")


def _bag_or_404(request: HttpRequest, order_no: str) -> Bag:
    try:
        return bag_of(order_no, by=request.user)
    except OrderGoneError as gone:
        raise Http404 from gone


def _find(request: HttpRequest, who: AtCounter, *, token: str, code: str) -> str:
    """Return the order a neighbour's QR, a bag's label or a code opens, at the point chosen."""
    if token:
        if labelled := bag_of_code(token, by=request.user):
            return labelled
        return find_by_token(token=token, by=request.user).order_no
    points = who.points
    chosen = _chosen_point(request, points)
    if chosen is None:
        raise CodeUnknownError
    return find_by_code(point_id=chosen, code=code, by=request.user).order_no


def _by_tail(request: HttpRequest, who: AtCounter, tail: str) -> HttpResponse:
    """Show whose phone ends so: the bag where it is one, else the neighbours to choose from."""
    chosen = _chosen_point(request, who.points)
    orders = find_by_tail(point_id=chosen, tail=tail) if chosen else []
    bags = [bag_of(order.order_no, by=request.user) for order in orders]
    if len(bags) == 1:
        return _counter(request, who, bag=bags[0], means="list")
    if not bags:
        refusal = _("No bag waits here for a phone that ends in %(tail)s.") % {"tail": tail}
        return _counter(request, who, refusal=refusal)
    return _counter(request, who, found=bags)


def _chosen_point(request: HttpRequest, points: Mapping[int, str]) -> int | None:
    """Return the point chosen on the page or last time, else the first of hers."""
    wish = str(request.POST.get("point") or request.session.get("counter_point"))
    chosen = next((point for point in points if str(point) == wish), None)
    if chosen is None:
        return next(iter(points), None)
    if request.session.get("counter_point") != chosen:
        request.session["counter_point"] = chosen
    return chosen


def _whole(request: HttpRequest, name: str) -> int:
    typed = request.POST.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) <= _DIGITS_MAX else 0


def _means(request: HttpRequest) -> str:
    means = request.POST.get("means", "")
    return means if means in MEANS else "list"


def _is_recent(request: HttpRequest, order_no: str, visit_id: int | None) -> bool:
    """Tell whether a hand-over was made within the last minutes."""
    return any(
        visit.order_no == order_no
        and visit_id in {None, visit.visit_id}
        and visit.collected_at > now() - UNDO_WITHIN
        for visit in just_collected(request.user.pk, limit=50)
    )


def _in_words(refusal: LinliError) -> str:
    left = refusal.data.get("tries_left")
    if left:
        tries = _("%(left)s more tries before a pause of a minute.") % {"left": left}
        return f"{refusal.user_message} {tries}"
    return str(refusal.user_message)


def _counter(request: HttpRequest, who: AtCounter, **found: Any) -> HttpResponse:
    """Show the counter; of a request by the page itself only the part that changes."""
    user_id = request.user.pk
    points = who.points
    context = {
        "door": "scan",
        "leader": who.leader,
        "points": points,
        "point": _chosen_point(request, points),
        "progress": progress_of(user_id),
        "key": secrets.token_hex(8),
        "recent": [
            visit for visit in just_collected(user_id) if visit.collected_at > now() - UNDO_WITHIN
        ],
        **found,
    }
    part = "groupleader/parts/bag.html" if request.htmx else "groupleader/scan.html"
    return render(request, part, context)
