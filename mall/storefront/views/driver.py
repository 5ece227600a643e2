"""The driver's page behind a link: stops in order, where to call, where to drive, "delivered"."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mall.fulfilment.errors import RoundOverError
from mall.fulfilment.models import Delivery, DeliveryStop
from mall.fulfilment.rounds import round_of, stop_delivered
from mall.papers.uploads import picture_of
from payments.api import LinliError


@require_GET
def driver(request: HttpRequest, token: str) -> HttpResponse:
    """Show a round to whoever holds its link; it names pickup points and no resident."""
    try:
        delivery = round_of(token)
    except RoundOverError as over:
        return _private(
            render(request, "driver/over.html", {"text": over.user_message}, status=404)
        )
    stops = delivery.stops.select_related("pickup_point__leader", "pickup_point__community")
    shown = [_stop(stop) for stop in stops.order_by("position", "pk")]
    context = {
        "round": delivery,
        "token": token,
        "stops": shown,
        "next": next((each["id"] for each in shown if not each["delivered_at"]), None),
        "done": sum(1 for each in shown if each["delivered_at"]),
        "pieces": sum(each["pieces"] for each in shown),
        "cold_boxes": sum(each["cold_boxes"] for each in shown),
        "is_planned": delivery.status == Delivery.Status.PLANNED,
        "is_over": delivery.status == Delivery.Status.DELIVERED,
    }
    return _private(render(request, "driver/round.html", context))


@require_POST
def delivered(request: HttpRequest, token: str, stop_id: int) -> HttpResponse:
    """Note that a stop has its goods, with a photo if there is one; sent twice it is once."""
    photo = request.FILES.get("photo")
    try:
        stop_delivered(
            token=token,
            stop_id=stop_id,
            note=request.POST.get("note", "").replace("\x00", ""),
            photo=picture_of(photo) if photo else None,
        )
    except RoundOverError as over:
        return _private(
            render(request, "driver/over.html", {"text": over.user_message}, status=404)
        )
    except LinliError as refusal:
        messages.error(request, refusal.user_message)
    else:
        messages.success(request, _("Noted. On to the next one."))
    return redirect("storefront:driver", token)


def _stop(stop: DeliveryStop) -> dict[str, Any]:
    point = stop.pickup_point
    place = f"{point.latitude},{point.longitude}"
    return {
        "id": stop.pk,
        "name": point.name,
        "community": str(point.community),
        "address": point.address,
        "hours": point.opening_hours,
        "phone": point.phone or point.leader.phone or "",
        "place": place,
        "pieces": stop.pieces,
        "cold_pieces": stop.cold_pieces,
        "boxes": stop.boxes,
        "cold_boxes": stop.cold_boxes,
        "delivered_at": stop.delivered_at,
        "note": stop.note,
        "photo": stop.photo.url if stop.photo else "",
    }


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the link out of caches, search engines and the addresses other sites are told.

    Not "no-referrer": a browser then hides where a form comes from, and it is refused as forged.
    """
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
