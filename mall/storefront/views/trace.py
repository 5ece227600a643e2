"""What a bag's label opens: where the goods come from, with their papers; nobody is named."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from mall.fulfilment.asking import count_asking, require_seldom
from mall.fulfilment.tracing import Trace, bag_of_code, is_code, trace_of
from mall.storefront.visitor import client_ip

_GUESSES_A_MINUTE: Final = 20
_KEPT_SECONDS: Final = 60


@require_GET
def trace(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is in a bag; a code of no bag is not there, and guessing is soon refused."""
    guesser = f"trace:{client_ip(request)}"
    require_seldom(guesser, most=_GUESSES_A_MINUTE)
    found = _trace(code) if is_code(code) else None
    if found is None:
        count_asking(guesser, most=_GUESSES_A_MINUTE)
        raise Http404
    order_no = bag_of_code(code, by=request.user) if request.user.is_authenticated else ""
    response = render(request, "storefront/trace.html", {"trace": found, "order_no": order_no})
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-cache"
    return response


def _trace(code: str) -> Trace | None:
    """Return the bag's goods, kept for a minute per language: a label is often scanned twice."""
    key = f"trace:{get_language()}:{code}"
    found = cache.get(key)
    if found is None:
        found = trace_of(code)
        if found is not None:
            cache.set(key, found, _KEPT_SECONDS)
    return found
