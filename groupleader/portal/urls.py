"""The leaders' addresses."""

from __future__ import annotations

from django.urls import path

from groupleader.portal import (
    cases,
    desk,
    earnings,
    handing_over,
    receiving,
    sign_in,
    sorting,
    waiting,
    weighing,
)

app_name = "groupleader"
urlpatterns = [
    path("", desk.home, name="home"),
    path("orders/", desk.orders, name="orders"),
    path("groups/<int:group_id>/", desk.group, name="group"),
    path("arrivals/", receiving.arrivals, name="arrivals"),
    path("arrivals/<int:group_id>/", receiving.arrival, name="arrival"),
    path("sorting/<int:group_id>/", sorting.sorting, name="sorting"),
    path("sorting/<int:group_id>/tick/", sorting.tick, name="sorting-tick"),
    path("sorting/<int:group_id>/report/", sorting.report, name="sorting-report"),
    path("sorting/<int:group_id>/sheet.<str:form>", sorting.sheet, name="sorting-sheet"),
    path("sorting/<int:group_id>/labels/", sorting.labels, name="labels"),
    path("scan/", handing_over.scan, name="scan"),
    path("bags/<slug:order_no>/", handing_over.bag, name="bag"),
    path("bags/<slug:order_no>/part/", handing_over.part, name="part"),
    path("bags/<slug:order_no>/undo/", handing_over.undo, name="undo"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<slug:case_no>/", cases.case, name="case"),
    path("cases/<slug:case_no>/<slug:what>/", cases.act, name="case-act"),
    path("weighing/", weighing.weighing, name="weighing"),
    path("weighing/<int:line_id>/", weighing.weigh, name="weigh"),
    path("weighing/undo/<int:weighing_id>/", weighing.undo, name="weighing-undo"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/<int:bag_id>/call/", waiting.call, name="call"),
    path("waiting/<int:bag_id>/extend/", waiting.extend, name="extend"),
    path("earnings/", earnings.earnings, name="earnings"),
    path("statements/", earnings.statements, name="statements"),
    path("statements/<slug:statement_no>/", earnings.statement, name="statement"),
    path("statements/<slug:statement_no>/confirm/", earnings.confirm, name="confirm"),
    path("statements/<slug:statement_no>/dispute/", earnings.dispute, name="dispute"),
    path("account/", earnings.account, name="account"),
    path("account/sign-in/", sign_in.sign_in_again, name="sign-in-again"),
]
