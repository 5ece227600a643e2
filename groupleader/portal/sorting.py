"""Sorting on the phone: by product, by neighbour, what did not come; sheets and labels to print."""

from __future__ import annotations

import secrets
from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader.portal.access import AtCounter, counter_group, counter_only
from mall.api import (
    LABEL_SHEET,
    LABEL_SIZES,
    PAPER_KINDS,
    OrderGoneError,
    SortBoard,
    bag_done,
    give_places_of_group,
    groups_to_sort,
    label_path,
    label_pdf,
    label_side,
    labels_of_group,
    picture_of,
    report_missing,
    reports_of,
    sheet_of_group,
    shortages_of,
    sorting_of,
    tick_item,
    tick_line,
    write_paper,
)
from payments.api import LinliError, business_date

_VIEWS: Final = ("product", "neighbour", "short")
_NUMBER_MAX: Final = 18


@require_GET
@counter_only
def to_sort(request: HttpRequest, who: AtCounter) -> HttpResponse:
    """List the groups whose bags are still to be filled, the oldest first."""
    context = {"door": "arrivals", "groups": groups_to_sort(who.user_id), "today": business_date()}
    return render(request, "groupleader/to_sort.html", context)


@require_GET
@counter_only
def sorting(request: HttpRequest, who: AtCounter, group_id: int) -> HttpResponse:
    """Show a group's goods to be sorted into bags; what is ticked is kept for every phone."""
    counter_group(who, group_id)
    give_places_of_group(who.user_id, group_id)
    return _page(request, who, group_id)


@require_POST
@counter_only
def tick(request: HttpRequest, who: AtCounter, group_id: int) -> HttpResponse:
    """Set a line, a product or a bag as it shall be: sent twice it is the same."""
    counter_group(who, group_id)
    is_on = request.POST.get("on") == "1"
    what, number = request.POST.get("what", ""), request.POST.get("number", "")
    try:
        if what == "bag":
            bag_done(order_no=number[:20], is_done=is_on, by=request.user)
        elif not number.isascii() or not number.isdecimal() or len(number) > _NUMBER_MAX:
            raise Http404
        elif what == "item":
            tick_item(group_id=group_id, item_id=int(number), is_in=is_on, by=request.user)
        else:
            tick_line(line_id=int(number), is_in=is_on, by=request.user)
    except OrderGoneError as gone:
        if not request.htmx:
            raise Http404 from gone
        refusal = _("This bag has been handed over meanwhile, or is not one of yours.")
        return _page(request, who, group_id, refusal=refusal)
    if request.htmx:
        return _page(request, who, group_id, moved_on=what == "bag" and is_on)
    return redirect(f"{reverse('groupleader:sorting', args=[group_id])}?{_query(request)}")


@require_POST
@counter_only
def report(request: HttpRequest, who: AtCounter, group_id: int) -> HttpResponse:
    """Tell the office what was found missing or spoilt while sorting; a form sent twice is one."""
    counter_group(who, group_id)
    missing, item = request.POST.get("missing", ""), request.POST.get("item", "")
    numbers = all(n.isascii() and n.isdecimal() and len(n) <= 9 for n in (missing, item))
    try:
        photo = request.FILES.get("photo")
        report_missing(
            group_id=group_id,
            item_id=int(item) if numbers else 0,
            missing=int(missing) if numbers else 0,
            wish=request.POST.get("wish", "")[:40] or secrets.token_hex(12),
            by=request.user,
            note=request.POST.get("note", "").replace("\x00", ""),
            photo=picture_of(photo) if photo else None,
        )
    except LinliError as refusal:
        messages.error(request, refusal.user_message)
    else:
        messages.success(request, _("Thank you. The office looks at it and sets the count right."))
    return redirect(f"{reverse('groupleader:sorting', args=[group_id])}?by=short")


@require_GET
@counter_only
def sheet(_request: HttpRequest, who: AtCounter, group_id: int, *, form: str) -> FileResponse:
    """Give the sorting sheets to print or to work with."""
    counter_group(who, group_id)
    if form not in PAPER_KINDS:
        raise Http404
    give_places_of_group(who.user_id, group_id)
    paper = sheet_of_group(who.user_id, group_id)
    return FileResponse(
        write_paper(paper, form),
        as_attachment=form == "xlsx",
        filename=f"sorting-{group_id}.{form}",
        content_type=PAPER_KINDS[form],
    )


@require_GET
@counter_only
def labels(request: HttpRequest, who: AtCounter, group_id: int) -> HttpResponse | FileResponse:
    """Show the bags' labels for a printer of 80 or 58 mm, or give them as PDF, on A4 too."""
    group = counter_group(who, group_id)
    width = request.GET.get("width", "80")
    width = width if width in {*LABEL_SIZES, LABEL_SHEET} else "80"
    give_places_of_group(who.user_id, group_id)
    found = labels_of_group(who.user_id, group_id)
    order_no = request.GET.get("order", "")
    if order_no:
        found = [label for label in found if label.order_no == order_no]
    if width == LABEL_SHEET or request.GET.get("as") == "pdf":
        name = f"labels-{group_id}-{width}.pdf"
        file = label_pdf(found, width=width)
        return FileResponse(file, filename=name, content_type=PAPER_KINDS["pdf"])
    shown = [
        {"label": label, "side": label_side(len(label.url)), "path": label_path(label.url)}
        for label in found
    ]
    context = {"leader": who.leader, "group": group, "labels": shown, "width": width}
    return render(request, "groupleader/labels.html", context)


def _page(request: HttpRequest, who: AtCounter, group_id: int, **said: Any) -> HttpResponse:
    board = sorting_of(who.user_id, group_id)
    asked = request.POST if request.method == "POST" else request.GET
    by = asked.get("by", "neighbour")
    context = {
        "door": "arrivals",
        "leader": who.leader,
        "group": counter_group(who, group_id),
        "board": board,
        "by": by if by in _VIEWS else "neighbour",
        "order": _chosen(board, asked.get("order", ""), moved_on=said.pop("moved_on", False)),
        "shortages": shortages_of(who.user_id, group_id) if by == "short" else [],
        "reports": reports_of(who.user_id, group_id) if by == "short" else [],
        "wish": secrets.token_hex(12),
        **said,
    }
    part = "groupleader/parts/sorting.html" if request.htmx else "groupleader/sorting.html"
    return render(request, part, context)


def _chosen(board: SortBoard, order_no: str, *, moved_on: bool) -> Any:
    """Return the neighbour whose bags are being filled: the one asked for, or the next."""
    if not moved_on:
        asked = next((each for each in board.orders if each.order_no == order_no), None)
        if asked is not None:
            return asked
    return next((each for each in board.orders if each.order_no == board.next_order_no), None)


def _query(request: HttpRequest) -> str:
    by = request.POST.get("by", "")
    return f"by={by if by in _VIEWS else 'neighbour'}"
