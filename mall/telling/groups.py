"""What people are told about groups: the cut-off is near, there is room again."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mall.groupbuy.models import GroupBasket, LeaderGroup
from mall.messaging.sending import Note, send, send_many

Payload = dict[str, Any]


def group_closing(payload: Payload) -> None:
    """Ten minutes left: who still has something in her basket, and the leaders."""
    groups = {
        group.pk: group
        for group in LeaderGroup.objects.filter(pk__in=payload["group_ids"]).select_related(
            "group_buy"
        )
    }
    baskets = GroupBasket.objects.filter(
        group__in=groups, is_live=True, user__isnull=False, basket__lines__quantity__gt=0
    )
    send_many(
        "group.closing",
        [
            Note(
                key=f"{group_id}:{user_id}:{payload['closes_at']}",
                user_id=user_id,
                values={
                    "group": groups[group_id].group_buy.title,
                    "closes_at": payload["closes_at"],
                },
                link=reverse("storefront:basket", args=[groups[group_id].share_code]),
            )
            for group_id, user_id in baskets.values_list("group_id", "user_id").distinct()
        ],
    )
    send_many(
        "group.closing_leader",
        [
            Note(
                key=f"{group.pk}:{payload['closes_at']}",
                user_id=group.leader_id,
                values={
                    "group": group.group_buy.title,
                    "closes_at": payload["closes_at"],
                    "orders": group.order_count,
                },
                link=reverse("groupleader:group", args=[group.pk]),
            )
            for group in groups.values()
        ],
    )


def group_has_room(payload: Payload) -> None:
    """Somebody's place is free again: those who waited are told, first come, first served."""
    group = LeaderGroup.objects.select_related("group_buy").filter(pk=payload["group_id"]).first()
    if group is None:
        return
    send_many(
        "group.has_room",
        [
            Note(
                key=f"{group.pk}:{resident_id}:{payload['until']}",
                user_id=resident_id,
                values={"group": group.group_buy.title},
                link=reverse("storefront:group", args=[group.share_code]),
            )
            for resident_id in payload["resident_ids"]
        ],
    )


def own_sale_approved(payload: Payload) -> None:
    """The mall lets a leader's own sale open."""
    _tell_owner("own_sale.approved", payload)


def own_sale_refused(payload: Payload) -> None:
    """The mall does not let it open as it is: why."""
    _tell_owner("own_sale.refused", payload)


def _tell_owner(kind: str, payload: Payload) -> None:
    send(
        kind,
        # The mall may say the same twice.
        key=f"{payload['own_sale_id']}:{payload.get('at', '')}:{payload['because']}"[:120],
        user_id=payload["leader_id"],
        values={"group": payload["title"], "reason": payload["because"]},
        link=reverse("groupleader:home"),
    )
