"""What leaders are told about the van: it has left with their goods, who drives, his number."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mall.fulfilment.models import DeliveryStop
from mall.messaging.sending import Note, send_many


def delivery_dispatched(payload: dict[str, Any]) -> None:
    """A round set off: the leader of each of its points with goods on it is told."""
    stops = DeliveryStop.objects.filter(delivery=payload["delivery_id"], pieces__gt=0)
    send_many(
        "delivery.dispatched",
        [
            Note(
                key=str(stop.pk),
                user_id=stop.pickup_point.leader_id,
                values={
                    "point": stop.pickup_point.name,
                    "pieces": stop.pieces,
                    "driver": f"{stop.delivery.driver_name} {stop.delivery.driver_phone}".strip(),
                },
                link=reverse("groupleader:arrivals"),
            )
            for stop in stops.select_related("delivery", "pickup_point")
            if stop.pickup_point.leader_id
        ],
    )
