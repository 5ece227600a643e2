"""My offers: what her cards save today and this week, and what she could get."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mall.insight.exposures import note_shown
from mall.storefront.devices import device_of, name_device
from mall.storefront.my_offers import my_offers
from mall.storefront.teasers import teasers
from mall.storefront.visitor import resident
from payments.api import now


@never_cache
@require_GET
def offers(request: HttpRequest) -> HttpResponse:
    """Show the offers of her cards, and what else there is to get; to a stranger all of them."""
    person = resident(request)
    found = my_offers(person, device=device_of(request))
    if person is not None:
        note_shown(person.pk, found.codes, "my_offers")
    context = {"mine": found, "person": person, "teasers": teasers(person), "now": now()}
    response = render(request, "storefront/offers.html", context)
    name_device(request, response)
    return response
