"""The tester: a card, a basket and a moment, and what each condition says about them."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Product

from mall.banks.scope import owned_by
from mall.offerdesk.admin.offer_page import offer_context
from mall.offerdesk.admin.showing import site_context
from mall.offerdesk.forms.trying import TryForm
from mall.offerdesk.trying import shown_in_shop, try_offers
from mall.promotions.models import BankOffer
from mall.promotions.wording import yuan

_OFFERS_MAX: Final = 100
_GOODS_SHOWN: Final = 300


def tester_page(model_admin: Any, request: HttpRequest, offer: BankOffer | None) -> HttpResponse:
    """Try one offer, or all of hers that have not ended."""
    form = TryForm(request.GET) if request.GET else TryForm(initial=TryForm.beginning())
    context = site_context(
        model_admin,
        request,
        title=str(offer) if offer else _("Try a card and a basket"),
        form=form,
        goods=Product.objects.filter(is_public=True).order_by("title")[:_GOODS_SHOWN],
        **(offer_context(model_admin, request, offer) if offer else {}),
    )
    if form.is_bound and form.is_valid():
        context |= _tried(request, form, offer)
    return TemplateResponse(request, "admin/offers/tester.html", context)


def _tried(request: HttpRequest, form: TryForm, offer: BankOffer | None) -> dict[str, Any]:
    trial = form.trial()
    offers = [offer] if offer else _hers(request)
    in_force = [each for each in offers if each.state != BankOffer.State.PAUSED or offer]
    shop = shown_in_shop(in_force, trial)
    way = shop.ways[0]
    return {
        "verdicts": try_offers(offers, trial),
        "trial": trial,
        "is_all": offer is None,
        "shop": shop,
        "way": way,
        "shop_goods": yuan(shop.goods.minor),
        "shop_saving": yuan(way.saving.minor) if way.saving.minor else "",
        "shop_payable": yuan(way.payable.minor - way.expected.minor),
    }


def _hers(request: HttpRequest) -> list[BankOffer]:
    offers = BankOffer.objects.exclude(state=BankOffer.State.ENDED)
    rows = owned_by(offers, request.user).select_related("included", "excluded")
    return list(rows.order_by("-pk")[:_OFFERS_MAX])
