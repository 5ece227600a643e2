"""The addresses of the interface for programs."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from mall.rest_api.views import baskets, groups, me, orders, points, signing_in

app_name = "rest_api"
urlpatterns = [
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("sign-in/code/", signing_in.CodeView.as_view(), name="sign-in-code"),
    path("sign-in/", signing_in.SignInView.as_view(), name="sign-in"),
    path("sign-out/", signing_in.SignOutView.as_view(), name="sign-out"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/messages/", me.MessagesView.as_view(), name="my-messages"),
    path("me/messages/read/", me.ReadView.as_view(), name="read-messages"),
    path("points/", points.PointsView.as_view(), name="points"),
    path("points/<int:point_id>/groups/", points.GroupsView.as_view(), name="point-groups"),
    path("groups/<slug:share_code>/", groups.GroupView.as_view(), name="group"),
    path("groups/<slug:share_code>/entries/", groups.EntriesView.as_view(), name="entries"),
    path("groups/<slug:share_code>/basket/", baskets.BasketView.as_view(), name="basket"),
    path(
        "groups/<slug:share_code>/basket/<int:item_id>/",
        baskets.ItemView.as_view(),
        name="basket-item",
    ),
    path("groups/<slug:share_code>/quote/", baskets.QuoteView.as_view(), name="quote"),
    path("groups/<slug:share_code>/orders/", orders.PlaceView.as_view(), name="place"),
    path("orders/", orders.OrdersView.as_view(), name="orders"),
    path("orders/<slug:order_no>/", orders.OrderView.as_view(), name="order"),
    path("orders/<slug:order_no>/pay/", orders.PayView.as_view(), name="pay"),
    path("orders/<slug:order_no>/cancel/", orders.CancelView.as_view(), name="cancel"),
    path("orders/<slug:order_no>/change/", orders.ChangeView.as_view(), name="change"),
]
