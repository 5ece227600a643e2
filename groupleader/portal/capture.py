"""A chat's sign-up chain: pasted, read line by line, corrected, ordered one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from groupleader.portal.behalf import wanted_of
from groupleader.portal.desk import own_group
from groupleader.portal.reading import number_of
from groupleader.portal.sharing import shown
from mall.api import (
    CaptureGoneError,
    CaptureInboxView,
    CaptureLineView,
    drop_captured,
    goods_of_group,
    inboxes_of,
    neighbours_named,
    order_captured,
    paste_chain,
    take_up_captured,
)
from payments.api import LinliError


@require_http_methods(["GET", "POST"])
@leader_only
def capture(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Take a pasted chain and show what was read of each line, and what was not."""
    group = own_group(leader, group_id)
    refusal = ""
    if request.method == "POST":
        try:
            text = request.POST.get("text", "")
            inbox = paste_chain(group_id=group_id, leader_id=leader.user_id, text=text)
            lines = len(inbox.lines)
            told = ngettext("%(n)d line was read.", "%(n)d lines were read.", lines)
            messages.success(request, told % {"n": lines})
            return redirect("groupleader:capture", group_id=group_id)
        except LinliError as error:
            refusal = str(error.user_message)
    context = _context(leader, group_id) | {"group": shown(group), "refusal": refusal}
    context["text"] = request.POST.get("text", "")
    status = 422 if refusal else 200
    return render(request, "groupleader/capture.html", context, status=status)


@require_POST
@leader_only
@sensitive_post_parameters("phone")
def decide(request: HttpRequest, leader: Leader, line_id: int) -> HttpResponse:
    """Order a line as the leader corrected it, put it aside, or take it up again."""
    group_id = number_of(request.POST.get("group")) or 0
    own_group(leader, group_id)
    try:
        _decide(request, leader, line_id)
    except CaptureGoneError as error:
        raise Http404 from error
    except LinliError as error:
        messages.error(request, str(error.user_message))
    response = redirect("groupleader:capture", group_id=group_id)
    response["Location"] += f"#line-{line_id}"
    return response


def _decide(request: HttpRequest, leader: Leader, line_id: int) -> None:
    answers = request.POST
    if "drop" in answers:
        drop_captured(line_id=line_id, leader_id=leader.user_id)
    elif "again" in answers:
        take_up_captured(line_id=line_id, leader_id=leader.user_id)
    else:
        order_captured(
            leader=leader.user,
            line_id=line_id,
            items=_items(answers),
            name=answers.get("name", ""),
            phone=answers.get("phone", ""),
            remark=answers.get("remark", ""),
            resident_id=number_of(answers.get("neighbour")),
        )
        messages.success(request, _("Ordered. Send the neighbour the link to pay."))


def _items(answers: Mapping[str, str]) -> dict[int, int]:
    """Return what was read and corrected, with the other goods she added."""
    read, added = wanted_of(answers), wanted_of(answers, field="more-")
    return {item_id: read.get(item_id, 0) + added.get(item_id, 0) for item_id in read | added}


def _context(leader: Leader, group_id: int) -> dict[str, Any]:
    inboxes = inboxes_of(group_id=group_id, leader_id=leader.user_id)
    goods = goods_of_group(leader.user_id, group_id)
    titles = {good.item_id: good.title for good in goods}
    names = [line.name for inbox in inboxes for line in inbox.lines if line.state == "draft"]
    known = neighbours_named(leader.user_id, names)
    return {
        "door": "home",
        "leader": leader,
        "goods": goods,
        "inboxes": [_inbox(inbox, titles, known) for inbox in inboxes],
    }


def _inbox(
    inbox: CaptureInboxView, titles: dict[int, str], known: dict[str, Any]
) -> dict[str, Any]:
    lines = [_line(line, titles, known) for line in inbox.lines]
    return {
        "id": inbox.inbox_id,
        "at": inbox.at,
        "lines": lines,
        "waiting": sum(line["state"] == "draft" for line in lines),
    }


def _line(line: CaptureLineView, titles: dict[int, str], known: dict[str, Any]) -> dict[str, Any]:
    items = [
        {"item_id": item_id, "title": titles.get(item_id, ""), "quantity": count}
        for item_id, count in line.items.items()
    ]
    return {
        "id": line.line_id,
        "raw": line.raw,
        "name": line.name,
        "phone": line.phone,
        "remark": line.remark,
        "items": items,
        "problems": line.problems,
        "state": line.state,
        "order_no": line.order_no,
        "neighbour": known.get(line.name),
    }
