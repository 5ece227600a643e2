"""The residents' addresses."""

from __future__ import annotations

from django.urls import path

from mall.storefront.styleguide import styleguide
from mall.storefront.views import (
    account,
    basket,
    cards,
    checkout,
    group,
    more,
    offers,
    orders,
    pay,
    points,
)

app_name = "storefront"
urlpatterns = [
    path("", group.home, name="home"),
    path("points/", points.points, name="points"),
    path("points/<int:point_id>/choose/", points.choose, name="choose-point"),
    path("g/<slug:share_code>/", group.group_page, name="group"),
    path("g/<slug:share_code>/items/<int:item_id>/", group.product_page, name="product"),
    path("g/<slug:share_code>/items/<int:item_id>/set/", basket.set_item, name="set-item"),
    path("g/<slug:share_code>/basket/", basket.basket_page, name="basket"),
    path("g/<slug:share_code>/basket/<int:line_id>/remove/", basket.remove, name="remove-line"),
    path("g/<slug:share_code>/more/", more.more, name="more"),
    path("g/<slug:share_code>/checkout/", checkout.checkout, name="checkout"),
    path("g/<slug:share_code>/checkout/quote/", checkout.quote_part, name="checkout-quote"),
    path("orders/", orders.order_list, name="orders"),
    path("orders/<slug:order_no>/", orders.order_page, name="order"),
    path("orders/<slug:order_no>/pay/", pay.pay, name="pay"),
    path("orders/<slug:order_no>/pay/quote/", pay.quote_part, name="pay-quote"),
    path("orders/<slug:order_no>/cancel/", orders.cancel, name="cancel"),
    path("cards/", cards.wallet, name="cards"),
    path("cards/tie/", cards.tie, name="tie-card"),
    path("cards/tied/", cards.tied, name="card-tied"),
    path("cards/<slug:agreement_no>/default/", cards.make_default, name="default-card"),
    path("cards/<slug:agreement_no>/untie/", cards.untie, name="untie-card"),
    path("offers/", offers.offers, name="my-offers"),
    path("me/", account.me, name="me"),
    path("sign-in/", account.sign_in, name="sign-in"),
    path("sign-in/code/", account.sign_in_code, name="sign-in-code"),
    path("sign-out/", account.sign_out, name="sign-out"),
    path("styleguide/", styleguide, name="styleguide"),  # answers only while DEBUG is on
]
