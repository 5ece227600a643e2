"""Receiving: what should come, what came, who would go short; and telling the neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from groupleader.portal.access import AtCounter, counter_group, counter_only
from mall.api import (
    BoardGroup,
    ItemRow,
    Receipt,
    groups_at_counter,
    items_to_receive,
    picture_of,
    preview_arrival,
    receipt_of,
    record_arrival,
)
from payments.api import LinliError, business_date

_RECEIVED_SHOWN: Final = 10
_DIGITS_MAX: Final = 6
PHOTOS_MAX: Final = 4


@require_GET
@counter_only
def arrivals(request: HttpRequest, who: AtCounter) -> HttpResponse:
    """List the deliveries to count in, the earliest pickup first, and those counted lately."""
    groups = groups_at_counter(who.user_id)
    waiting = [group for group in groups if group.can_receive and group.orders]
    received = [group for group in groups if group.received_at]
    context = {
        "door": "arrivals",
        "leader": who.leader,
        "today": business_date(),
        "waiting": sorted(waiting, key=lambda group: (group.pickup_on, group.group_id)),
        "received": received[:_RECEIVED_SHOWN],
    }
    return render(request, "groupleader/arrivals.html", context)


@require_http_methods(["GET", "POST"])
@counter_only
def arrival(request: HttpRequest, who: AtCounter, group_id: int) -> HttpResponse:
    """Count a delivery in; what differs is shown with who goes short before it is confirmed."""
    group = counter_group(who, group_id)
    lines = items_to_receive(who.user_id, group_id)
    if request.method == "GET" or group.received_at:
        return _page(request, who, group, lines=lines)
    counts, damaged = _figures(request, lines, "item"), _figures(request, lines, "damaged")
    if "all" in request.POST:
        counts, damaged = {line.item_id: line.expected for line in lines}, {}
    typed = [
        replace(
            line,
            received=min(counts.get(line.item_id, 0), line.expected),
            surplus=max(0, counts.get(line.item_id, 0) - line.expected),
            damaged=damaged.get(line.item_id, 0),
        )
        for line in lines
    ]
    try:
        if any(_differs(line) for line in typed):
            preview = preview_arrival(who.user_id, group_id, counts)
            seen = f"{preview.missing}:{preview.back_minor}"
            if "back" in request.POST or request.POST.get("seen") != seen:
                shown = None if "back" in request.POST else preview
                return _page(request, who, group, lines=typed, preview=shown, seen=seen)
        receipt = _receipt(request, damaged)
        record_arrival(group_id=group_id, counts=counts, by=request.user, receipt=receipt)
    except LinliError as error:
        return _page(request, who, group, lines=typed, refusal=error)
    messages.success(request, _("Received. The neighbours have their pickup codes."))
    return redirect("groupleader:sorting", group_id)


def _page(
    request: HttpRequest,
    who: AtCounter,
    group: BoardGroup,
    *,
    lines: Sequence[ItemRow],
    refusal: LinliError | None = None,
    **shown: Any,
) -> HttpResponse:
    context = {
        "door": "arrivals",
        "leader": who.leader,
        "group": group,
        "lines": lines,
        "expected": sum(line.expected for line in lines),
        "missing": sum(line.missing for line in lines),
        "damaged": sum(line.damaged for line in lines),
        "surplus": sum(line.surplus for line in lines),
        "receipt": receipt_of(who.user_id, group.group_id) if group.received_at else None,
        "refusal": refusal.user_message if refusal else "",
        "note": request.POST.get("note", "")[:300],
        "signer": request.POST.get("signer", who.name)[:40],
        "photos_max": PHOTOS_MAX,
        **shown,
    }
    status = refusal.http_status if refusal else 200
    return render(request, "groupleader/arrival.html", context, status=status)


def _differs(line: ItemRow) -> bool:
    return bool(line.missing or line.damaged or line.surplus)


def _receipt(request: HttpRequest, damaged: dict[int, int]) -> Receipt:
    """Read who signs, the note and the pictures; UploadRefusedError for what is no picture."""
    files = request.FILES.getlist("photos")[:PHOTOS_MAX]
    return Receipt(
        signer=_plain(request.POST.get("signer", "")),
        note=_plain(request.POST.get("note", "")),
        damaged={item: n for item, n in damaged.items() if n},
        photos=[picture_of(file) for file in files],
    )


def _plain(words: str) -> str:
    return words.replace("\x00", "").strip()


def _figures(request: HttpRequest, lines: Sequence[ItemRow], name: str) -> dict[int, int]:
    """Read a figure of each item; what is no number is left out and so refused."""
    typed = {line.item_id: request.POST.get(f"{name}-{line.item_id}", "") for line in lines}
    return {
        item: int(count)
        for item, count in typed.items()
        if count.isascii() and count.isdecimal() and len(count) <= _DIGITS_MAX
    }
