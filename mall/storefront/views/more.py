"""凑单: the goods whose price is just what is missing to the next saving."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from mall.groupbuy.baskets import find_basket
from mall.groupbuy.selectors import group_card
from mall.groupbuy.summaries import summary
from mall.storefront.basket_bar import bar_of, line_facts
from mall.storefront.filling import fitting
from mall.storefront.goals import next_step
from mall.storefront.groups import frame
from mall.storefront.pages import cached_page
from mall.storefront.prices import price_for
from mall.storefront.shelf import shelf
from mall.storefront.views.basket import group_or_404
from mall.storefront.visitor import resident, shopper_of


@require_GET
def more(request: HttpRequest, share_code: str) -> HttpResponse:
    """List goods that would reach the next saving; without a saving in reach, the whole shelf."""
    group = group_or_404(share_code)
    basket = summary(find_basket(shopper=shopper_of(request), group_id=group.pk), group_id=group.pk)
    facts = line_facts(basket)
    pricing = price_for(facts, resident(request)) if facts else None
    step = next_step(pricing) if pricing else None
    if pricing is None or step is None:
        return redirect("storefront:group", share_code=share_code)
    context = frame(group_card(group))
    head = context["group"]
    items = fitting(cached_page(share_code, before=None).items, step=step)
    held = {line.product_id: line.quantity for line in basket.lines}
    context |= {
        "cards": shelf(items.items, group=head, held=held),
        "fits": items.fits,
        "basket": bar_of(pricing, count=basket.quantity, group=head),
        "basket_url": reverse("storefront:basket", args=[share_code]),
        "basket_count": basket.quantity,
    }
    return render(request, "storefront/more.html", context)
