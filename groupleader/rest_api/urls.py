"""The leaders' addresses of the interface for programs."""

from __future__ import annotations

from django.urls import path

from groupleader.rest_api import applying, cases, counter, groups, money, people, points

app_name = "groupleader_rest_api"
urlpatterns = [
    path("application/", applying.ApplicationView.as_view(), name="application"),
    path("application/places/", applying.PlacesView.as_view(), name="application-places"),
    path("application/photo/", applying.PhotoView.as_view(), name="application-photo"),
    path("application/hand-in/", applying.HandInView.as_view(), name="hand-in-application"),
    path("application/withdraw/", applying.WithdrawView.as_view(), name="withdraw-application"),
    path("points/", points.PointsView.as_view(), name="points"),
    path("points/<int:point_id>/sign/", points.SignView.as_view(), name="point-sign"),
    path("points/<int:point_id>/hours/", points.HoursView.as_view(), name="point-hours"),
    path("points/<int:point_id>/breaks/", points.BreaksView.as_view(), name="point-breaks"),
    path("points/<int:point_id>/helpers/", points.HelpersView.as_view(), name="point-helpers"),
    path("points/breaks/<int:break_id>/", points.BreakView.as_view(), name="point-break"),
    path("points/helpers/<int:helper_id>/", points.HelperView.as_view(), name="point-helper"),
    path("day/", groups.DayView.as_view(), name="day"),
    path("groups/", groups.GroupsView.as_view(), name="groups"),
    path("groups/<int:group_id>/", groups.GroupView.as_view(), name="group"),
    path("groups/<int:group_id>/items/", groups.ItemsView.as_view(), name="items"),
    path("groups/<int:group_id>/orders/", groups.OrdersView.as_view(), name="orders"),
    path("groups/<int:group_id>/for-others/", groups.ForOtherView.as_view(), name="for-others"),
    path("groups/<int:group_id>/prolong/", groups.ProlongView.as_view(), name="prolong"),
    path("groups/<int:group_id>/delivery/", counter.DeliveryView.as_view(), name="delivery"),
    path("groups/<int:group_id>/delivery/preview/", counter.PreviewView.as_view(), name="preview"),
    path("groups/<int:group_id>/broadcasts/", people.BroadcastsView.as_view(), name="broadcasts"),
    path(
        "groups/<int:group_id>/broadcasts/preview/",
        people.BroadcastPreviewView.as_view(),
        name="preview-broadcast",
    ),
    path("residents/", people.ResidentsView.as_view(), name="residents"),
    path("residents/tags/", people.TagsView.as_view(), name="resident-tags"),
    path("residents/notes/<int:note_id>/", people.NoteView.as_view(), name="note"),
    path("residents/<int:resident_id>/", people.ResidentView.as_view(), name="resident"),
    path(
        "residents/<int:resident_id>/orders/",
        people.ResidentOrdersView.as_view(),
        name="orders-of-resident",
    ),
    path("residents/<int:resident_id>/notes/", people.NotesView.as_view(), name="notes"),
    path(
        "residents/<int:resident_id>/tags/",
        people.ResidentTagsView.as_view(),
        name="tags-of-resident",
    ),
    path("bags/", counter.FindView.as_view(), name="find-bags"),
    path("bags/waiting/", counter.WaitingView.as_view(), name="waiting-bags"),
    path("bags/waiting/<int:bag_id>/extend/", counter.ExtendView.as_view(), name="extend-bag"),
    path("bags/<slug:order_no>/", counter.BagView.as_view(), name="bag"),
    path("bags/<slug:order_no>/hand-over/", counter.HandOverView.as_view(), name="hand-over"),
    path("bags/<slug:order_no>/undo/", counter.UndoView.as_view(), name="undo"),
    path("cases/", cases.CasesView.as_view(), name="cases"),
    path("cases/<slug:case_no>/", cases.CaseView.as_view(), name="case"),
    path("cases/<slug:case_no>/approve/", cases.ApproveView.as_view(), name="approve-case"),
    path("cases/<slug:case_no>/offer/", cases.OfferView.as_view(), name="offer-case"),
    path("cases/<slug:case_no>/reject/", cases.RejectView.as_view(), name="reject-case"),
    path("cases/<slug:case_no>/pass-on/", cases.PassOnView.as_view(), name="pass-case-on"),
    path("cases/<slug:case_no>/messages/", cases.WriteView.as_view(), name="write-case"),
    path("earnings/", money.SumsView.as_view(), name="earnings"),
    path("earnings/lines/", money.AccrualsView.as_view(), name="accruals"),
    path("statements/", money.StatementsView.as_view(), name="statements"),
    path("statements/<slug:statement_no>/", money.StatementView.as_view(), name="statement"),
    path("statements/<slug:statement_no>/confirm/", money.ConfirmView.as_view(), name="confirm"),
    path("statements/<slug:statement_no>/dispute/", money.DisputeView.as_view(), name="dispute"),
]
