"""The shop addresses Oscar's dashboard points to, each leading to where we have that thing.

Of Oscar's own pages only the dashboard is open; its templates still ask for these names.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.views.generic import RedirectView

from mall.groupbuy.models import GroupBuyItem, LeaderGroup, State

_home = RedirectView.as_view(url="/", permanent=False)


def product_on_site(_request: HttpRequest, product_slug: str, pk: int) -> HttpResponse:
    """Show a product where residents can buy it now; at home where they cannot."""
    del product_slug
    item = GroupBuyItem.objects.filter(product=pk, group_buy__state=State.OPEN).first()
    group = LeaderGroup.objects.filter(group_buy=item.group_buy_id).first() if item else None
    if item is None or group is None:
        return redirect("storefront:home")
    return redirect("storefront:product", share_code=group.share_code, item_id=item.pk)


_catalogue = [
    path("", _home, name="index"),
    path("ranges/<slug:slug>/", _home, name="range"),
    path("category/<path:category_slug>_<int:pk>/", _home, name="category"),
    path("<slug:product_slug>_<int:pk>/", product_on_site, name="detail"),
]
_customer = [
    path("", RedirectView.as_view(pattern_name="admin:index", permanent=False), name="summary"),
]
_offer = [path("", _home, name="list"), path("<slug:slug>/", _home, name="detail")]

urlpatterns = [
    path("catalogue/", include((_catalogue, "catalogue"))),
    path("accounts/", include((_customer, "customer"))),
    path("offers/", include((_offer, "offer"))),
]
