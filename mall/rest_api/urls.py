"""The addresses of the interface for programs."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from mall.rest_api.views import (
    baskets,
    cards,
    cases,
    groups,
    me,
    orders,
    points,
    savings,
    signing_in,
    wishes,
)

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
    path("orders/<slug:order_no>/move/", wishes.MoveView.as_view(), name="move"),
    path("orders/<slug:order_no>/reasons/", cases.ReasonsView.as_view(), name="case-reasons"),
    path("groups/<slug:share_code>/waiting/", wishes.WaitingView.as_view(), name="waiting"),
    path("cards/", cards.CardsView.as_view(), name="cards"),
    path("cards/consent/", cards.ConsentTextView.as_view(), name="card-consent"),
    path("cards/tie/", cards.TieView.as_view(), name="tie-card"),
    path("cards/<slug:agreement_no>/", cards.CardView.as_view(), name="card"),
    path("cards/<slug:agreement_no>/default/", cards.DefaultView.as_view(), name="default-card"),
    path("vouchers/", savings.VouchersView.as_view(), name="vouchers"),
    path("vouchers/rounds/", savings.RoundsView.as_view(), name="voucher-rounds"),
    path(
        "vouchers/rounds/<int:round_id>/claim/", savings.ClaimView.as_view(), name="claim-voucher"
    ),
    path("me/points/", savings.PointsView.as_view(), name="my-points"),
    path("me/points/history/", savings.HistoryView.as_view(), name="points-history"),
    path("cases/", cases.CasesView.as_view(), name="cases"),
    path("cases/<slug:case_no>/", cases.CaseView.as_view(), name="case"),
    path("cases/<slug:case_no>/photos/", cases.PhotosView.as_view(), name="case-photos"),
    path("cases/<slug:case_no>/messages/", cases.WriteView.as_view(), name="case-messages"),
    path("cases/<slug:case_no>/appeal/", cases.AppealView.as_view(), name="appeal-case"),
    path("cases/<slug:case_no>/withdraw/", cases.WithdrawView.as_view(), name="withdraw-case"),
    path("cases/<slug:case_no>/accept/", cases.AcceptView.as_view(), name="accept-case"),
    path("cases/<slug:case_no>/decline/", cases.DeclineView.as_view(), name="decline-case"),
    path("me/favourites/", wishes.FavouritesView.as_view(), name="favourites"),
    path("me/favourites/<int:product_id>/", wishes.FavouriteView.as_view(), name="favourite"),
    path("products/<int:product_id>/reviews/", wishes.ReviewsView.as_view(), name="reviews"),
    path("me/reviews/", wishes.WriteReviewView.as_view(), name="write-review"),
]
