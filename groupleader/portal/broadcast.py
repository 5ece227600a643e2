"""Telling the residents of a group something: written or chosen, looked at, sent once."""

from __future__ import annotations

import secrets
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groupleader.broadcasts import broadcasts_of_group
from groupleader.models import Broadcast, Leader
from groupleader.models.people import BROADCAST_MAX
from groupleader.portal.access import leader_only
from groupleader.portal.desk import own_group
from groupleader.portal.sharing import shown
from groupleader.services.broadcasts import left_today, preview_of, send_to_group, stop_of
from mall.api import AUDIENCES, BoardGroup
from payments.api import LinliError, local

_SHOWN: Final = 20


@require_http_methods(["GET", "POST"])
@leader_only
def broadcast(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Write to the residents of her group: form, preview with the number of people, sending."""
    group = own_group(leader, group_id)
    typed = _typed(request, group)
    preview, refusal = None, ""
    if request.method == "POST":
        try:
            if "send" in request.POST:
                sent = send_to_group(
                    leader=leader,
                    group_id=group_id,
                    whom=typed["whom"],
                    text=typed["text"],
                    idem_key=typed["idem_key"],
                )
                messages.success(request, _told(sent))
                return redirect("groupleader:broadcast", group_id=group_id)
            if "change" not in request.POST:
                preview = preview_of(
                    leader=leader, group_id=group_id, whom=typed["whom"], text=typed["text"]
                )
        except LinliError as error:
            refusal = str(error.user_message)
    context = {
        "door": "home",
        "leader": leader,
        "group": shown(group),
        "typed": typed,
        "preview": preview,
        "refusal": refusal,
        "templates": templates_of(group),
        "audiences": _audiences(typed["whom"]),
        "left": left_today(group_id),
        "most": settings.LINLI_BROADCASTS_A_DAY,
        "stop": stop_of(leader),
        "text_max": BROADCAST_MAX,
        "sent": broadcasts_of_group(leader, group_id, limit=_SHOWN),
    }
    status = 422 if refusal else 200
    return render(request, "groupleader/broadcast.html", context, status=status)


def templates_of(group: BoardGroup) -> list[dict[str, str]]:
    """Return what is said most often, with this group's figures; each is a start to write on."""
    figures = {
        "title": group.title,
        "point": group.point_name,
        "from": time_format(group.pickup_from, "H:i"),
        "until": time_format(group.pickup_until, "H:i"),
        "day": date_format(group.pickup_on, "n-j"),
    }
    return [
        {
            "key": "arriving",
            "label": _("Goods arrive"),
            "whom": "all",
            "text": _("Your goods arrive on %(day)s. Collect from %(from)s at %(point)s.")
            % figures,
        },
        {
            "key": "late",
            "label": _("Arrives late"),
            "whom": "all",
            "text": _(
                "Your goods come later than planned today. Please wait: you are told when they "
                "are here."
            ),
        },
        {
            "key": "place",
            "label": _("Another place"),
            "whom": "all",
            "text": _("Today please do not collect at %(point)s but at: ") % figures,
        },
        {
            "key": "remember",
            "label": _("Remember to collect"),
            "whom": "waiting",
            "text": _("Your goods are waiting at %(point)s. Please collect until %(until)s.")
            % figures,
        },
        {
            "key": "pay",
            "label": _("Please pay"),
            "whom": "unpaid",
            "text": _("What I ordered for you is not paid yet. Please pay before the cut-off."),
        },
    ]


def _typed(request: HttpRequest, group: BoardGroup) -> dict[str, Any]:
    """Return what the form holds: what was sent, else the start that was chosen."""
    if request.method == "POST":
        text = request.POST.get("text", "")[: BROADCAST_MAX * 4]
        whom = request.POST.get("whom", "")
        key = request.POST.get("idem_key", "")[:64] or secrets.token_urlsafe(24)
        return {"text": text, "whom": whom, "idem_key": key, "template": ""}
    wanted = request.GET.get("template", "")
    start = next((each for each in templates_of(group) if each["key"] == wanted), None)
    return {
        "text": start["text"] if start else "",
        "whom": start["whom"] if start else "all",
        "idem_key": secrets.token_urlsafe(24),
        "template": wanted,
    }


def _audiences(chosen: str) -> list[dict[str, Any]]:
    labels = dict(Broadcast.Whom.choices)
    return [
        {"value": whom, "label": labels[whom], "is_chosen": whom == chosen} for whom in AUDIENCES
    ]


def _told(sent: Broadcast) -> str:
    at = date_format(local(sent.created_at), "H:i")
    return _("On its way to %(people)d residents since %(at)s.") % {
        "people": sent.people,
        "at": at,
    }
