"""The leaders' addresses."""

from __future__ import annotations

from django.urls import path

from groupleader.portal import earnings, sign_in

app_name = "groupleader"
urlpatterns = [
    path("", earnings.earnings, name="home"),
    path("arrivals/", earnings.earnings, name="arrivals"),
    path("orders/", earnings.earnings, name="orders"),
    path("scan/", earnings.earnings, name="scan"),
    path("earnings/", earnings.earnings, name="earnings"),
    path("statements/", earnings.statements, name="statements"),
    path("statements/<slug:statement_no>/", earnings.statement, name="statement"),
    path("statements/<slug:statement_no>/confirm/", earnings.confirm, name="confirm"),
    path("statements/<slug:statement_no>/dispute/", earnings.dispute, name="dispute"),
    path("account/", earnings.account, name="account"),
    path("account/sign-in/", sign_in.sign_in_again, name="sign-in-again"),
]
