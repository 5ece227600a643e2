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
    loyalty,
    more,
    offers,
    orders,
    pay,
    points,
    rain,
    redeem,
    vouchers,
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
    path("vouchers/", vouchers.hall, name="vouchers"),
    path("vouchers/mine/", vouchers.my_vouchers, name="my-vouchers"),
    path("vouchers/rounds/<int:round_id>/", vouchers.round_part, name="voucher-round"),
    path("vouchers/rounds/<int:round_id>/claim/", vouchers.claim_voucher, name="claim-voucher"),
    path("vouchers/<slug:voucher_no>/", vouchers.voucher_page, name="voucher"),
    path("vouchers/<slug:voucher_no>/code/", vouchers.code_part, name="voucher-code"),
    path("redeem/", redeem.counter, name="redeem"),
    path("redeem/take/", redeem.take, name="redeem-take"),
    path("redeem/statement/", redeem.statement, name="redeem-statement"),
    path("redeem/t/<slug:token>/", redeem.by_token, name="redeem-token"),
    path("redeem/<slug:redemption_no>/undo/", redeem.undo_taken, name="redeem-undo"),
    path("me/", account.me, name="me"),
    path("me/points/", loyalty.my_points, name="my-points"),
    path("rain/", rain.rains, name="rains"),
    path("rain/<slug:code>/", rain.rain, name="rain"),
    path("rain/<slug:code>/draw/", rain.draw_packet, name="draw-packet"),
    path("rain/<slug:code>/odds/", rain.odds, name="rain-odds"),
    path("rain/<slug:code>/record.csv", rain.record, name="rain-record"),
    path("sign-in/", account.sign_in, name="sign-in"),
    path("sign-in/code/", account.sign_in_code, name="sign-in-code"),
    path("sign-out/", account.sign_out, name="sign-out"),
    path("styleguide/", styleguide, name="styleguide"),  # answers only while DEBUG is on
]
