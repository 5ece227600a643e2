"""Her residents: found again, with their history, her own notes and tags, and a door to order."""

from __future__ import annotations

import re
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from groupleader import residents as selectors
from groupleader.models import Leader, ResidentNote
from groupleader.models.people import NOTE_MAX
from groupleader.portal.access import leader_only
from groupleader.services.neighbours import add_note, change_note, delete_note, set_tags
from mall.api import RESIDENT_FILTERS, OrderGoneError, groups_of_leader
from payments.api import LinliError

PER_PAGE: Final = 20
_ORDERS_PER_PAGE: Final = 10
_BETWEEN_TAGS: Final = re.compile(r"[,，、;；\s]+")


@require_GET
@leader_only
def residents(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List everybody who ordered in her groups: searched, filtered, by tag."""
    show = request.GET.get("show", "")
    show = show if show in RESIDENT_FILTERS else ""
    query = request.GET.get("q", "").replace("\0", "").strip()[:40]
    tag = request.GET.get("tag", "").replace("\0", "").strip()[:12]
    found = selectors.residents(leader, query=query, show=show, tag=tag)
    kept = request.GET.copy()
    kept.pop("page", None)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "door": "home",
        "leader": leader,
        "q": query,
        "show": show,
        "tag": tag,
        "filters": _filters(),
        "tags": selectors.tags_of(leader),
        "page": page,
        "count_text": _count_text(page.paginator.count),
        "base": f"{kept.urlencode()}&" if kept else "",
    }
    return render(request, "groupleader/residents.html", context)


@require_GET
@leader_only
def resident(request: HttpRequest, leader: Leader, resident_id: int) -> HttpResponse:
    """Show one resident: orders in her groups, cases, what waits, notes, tags."""
    try:
        found = selectors.resident_page(leader, resident_id)
    except (OrderGoneError, OverflowError) as gone:
        raise Http404 from gone
    open_groups = [group for group in groups_of_leader(leader.user_id) if group.state == "open"]
    context = {
        "door": "home",
        "leader": leader,
        "resident": found.resident,
        "notes": found.notes,
        "cases": found.cases,
        "bags": found.bags,
        "page": Paginator(found.orders, _ORDERS_PER_PAGE).get_page(request.GET.get("page")),
        "base": "",
        "open_groups": open_groups,
        "tags_text": " ".join(found.resident.tags),
        "used_tags": [tag for tag in selectors.tags_of(leader) if tag not in found.resident.tags],
        "note_max": NOTE_MAX,
    }
    return render(request, "groupleader/resident.html", context)


@require_POST
@leader_only
def note(request: HttpRequest, leader: Leader, resident_id: int) -> HttpResponse:
    """Write a note about a resident down."""
    return _told(
        request,
        resident_id,
        lambda: add_note(leader=leader, resident_id=resident_id, text=_text(request)),
    )


@require_POST
@leader_only
def change(request: HttpRequest, leader: Leader, note_id: int) -> HttpResponse:
    """Say one of her notes differently, or delete it."""
    own = ResidentNote.objects.filter(leader=leader, pk=min(note_id, 2**63 - 1)).first()
    if own is None:
        raise Http404
    if "delete" in request.POST:
        delete_note(leader=leader, note_id=own.pk)
        messages.success(request, _("The note is deleted."))
        return redirect("groupleader:resident", resident_id=own.resident_id)
    return _told(
        request,
        own.resident_id,
        lambda: change_note(leader=leader, note_id=own.pk, text=_text(request)),
    )


@require_POST
@leader_only
def tags(request: HttpRequest, leader: Leader, resident_id: int) -> HttpResponse:
    """Let a resident have exactly the tags that were typed; one pressed is added to them."""
    names = _BETWEEN_TAGS.split(request.POST.get("tags", "")[:400])
    names += [request.POST.get("add", "")]
    return _told(
        request, resident_id, lambda: set_tags(leader=leader, resident_id=resident_id, names=names)
    )


def _told(request: HttpRequest, resident_id: int, act: Any) -> HttpResponse:
    """Do what was asked and say what came of it, on the resident's page."""
    try:
        act()
    except (OrderGoneError, OverflowError) as gone:
        raise Http404 from gone
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
    else:
        messages.success(request, _("Saved. Only you see it."))
    return redirect("groupleader:resident", resident_id=resident_id)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")[: NOTE_MAX * 4]


def _filters() -> list[dict[str, Any]]:
    return [
        {"value": "", "label": _("All")},
        {"value": "regular", "label": _("Regulars")},
        {"value": "new", "label": _("New")},
        {"value": "sleeping", "label": _("Quiet for 30 days")},
        {"value": "overdue", "label": _("Often late to fetch")},
    ]


def _count_text(count: int) -> str:
    return ngettext("%(n)d resident", "%(n)d residents", count) % {"n": count}
