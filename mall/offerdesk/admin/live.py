"""The live screen: what is spent, reserved and left, how fast it goes, why it was refused."""

from __future__ import annotations

import json
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from mall.offerdesk.admin.acts import acts_for
from mall.offerdesk.admin.offer_page import offer_context
from mall.offerdesk.admin.showing import OFFER_COLOURS, bars_of, site_context
from mall.offerdesk.watching import Watch, reason_word, watch
from mall.offerdesk.words import yuan
from mall.promotions.models import BankOffer
from payments.api import local

REFRESH_SECONDS: Final = 5
# What is offered in the middle of things; the rest is on the offer's own page.
_QUICK: Final = frozenset({"pause", "resume"})


def live_page(model_admin: Any, request: HttpRequest, offer: BankOffer) -> HttpResponse:
    """Show the screen; its middle part renews itself."""
    context = site_context(
        model_admin,
        request,
        title=str(offer),
        refresh_seconds=REFRESH_SECONDS,
        **(offer_context(model_admin, request, offer) | _now(model_admin, request, offer)),
    )
    return TemplateResponse(request, "admin/offers/live.html", context)


def now_part(model_admin: Any, request: HttpRequest, offer: BankOffer) -> HttpResponse:
    """Return only the part that renews itself."""
    context = _now(model_admin, request, offer)
    return TemplateResponse(request, "admin/offers/live_now.html", context)


def _now(model_admin: Any, request: HttpRequest, offer: BankOffer) -> dict[str, Any]:
    seen = watch(offer)
    return {
        "offer": seen.offer,
        "state_colour": OFFER_COLOURS[seen.offer.state],
        "bars": bars_of(seen.offer),
        "acts": [act for act in acts_for(model_admin, request, seen.offer) if act.name in _QUICK],
        "seen": seen,
        "today_money": yuan(seen.today_minor),
        "chart": json.dumps(_chart(seen)),
        "chart_options": json.dumps(_CHART_OPTIONS),
        "chart_table": {
            "headers": [_("Minute"), _("Uses")],
            "rows": [
                [f"{local(minute):%H:%M}", uses] for minute, uses in reversed(seen.minutes) if uses
            ],
        },
        "refusals": [(reason_word(reason), times) for reason, times in seen.refusals],
    }


_CHART_OPTIONS: Final = {
    "animation": False,
    "maintainAspectRatio": False,
    "plugins": {"legend": {"display": False}},
    "scales": {"y": {"beginAtZero": True, "ticks": {"precision": 0}}},
}


def _chart(seen: Watch) -> dict[str, Any]:
    return {
        "labels": [f"{local(minute):%H:%M}" for minute, _uses in seen.minutes],
        "datasets": [
            {
                "label": _("Uses"),
                "data": [uses for _minute, uses in seen.minutes],
                "backgroundColor": "var(--color-primary-600)",
            }
        ],
    }
