"""What leaders and their helpers are told: applications, standing, points that change hands."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from mall.messaging.sending import send

Payload = dict[str, Any]


def applied(payload: Payload) -> None:
    """Her application came in."""
    _tell("leader.applied", payload, turn=payload["application_id"], link="groupleader:apply")


def approved(payload: Payload) -> None:
    """She may lead."""
    _tell("leader.approved", payload, turn=payload["application_id"], link="groupleader:home")


def refused(payload: Payload) -> None:
    """Not as it is: why."""
    _tell("leader.refused", payload, turn=payload["application_id"], link="groupleader:apply")


def suspended(payload: Payload) -> None:
    """Her account is paused: why, and what stays hers."""
    _tell("leader.suspended", payload, turn=payload["at"], link="groupleader:home")


def reinstated(payload: Payload) -> None:
    """She leads again."""
    _tell("leader.reinstated", payload, turn=payload["at"], link="groupleader:home")


def point_handed_over(payload: Payload) -> None:
    """A point changed hands: both are told once, with the key and not with each batch of orders."""
    if payload["batch"] != "0":
        return
    key = f"{payload['point_id']}:{payload['at']}"
    values = {"point": payload["point"], "keys": payload["keys"] or "–"}
    for kind, user_id in (
        ("point.given", payload["from_leader_id"]),
        ("point.taken_over", payload["to_leader_id"]),
    ):
        link = reverse("groupleader:home")
        send(kind, key=key[:120], user_id=user_id, values=values, link=link)


def helper_invited(payload: Payload) -> None:
    """Somebody's number is invited to help at a point."""
    link = reverse("groupleader:helping")
    url = settings.SITE_URL + link
    send(
        "helper.invited",
        key=str(payload["helper_id"]),
        phone=payload["phone"],
        values={"point": payload["point"], "leader": payload["leader"], "url": url},
        link=link,
    )


def helper_accepted(payload: Payload) -> None:
    """She said yes: her leader is told."""
    send(
        "helper.accepted",
        key=str(payload["helper_id"]),
        user_id=payload["leader_id"],
        values={"point": payload["point"], "name": payload["helper"]},
        link=reverse("groupleader:point"),
    )


def _tell(kind: str, payload: Payload, *, turn: object, link: str) -> None:
    send(
        kind,
        key=f"{payload['user_id']}:{turn}"[:120],
        user_id=payload["user_id"],
        values={"name": payload["name"], "reason": _why(payload)},
        link=reverse(link),
    )


def _why(payload: Payload) -> str:
    """Return the reason with what staff added to it."""
    return "。".join(part for part in (payload["reason"], payload["note"]) if part)
