"""Where a payer comes back to."""

from __future__ import annotations

from django.urls import path

from payments.cashier.views import CodeView, FormView, ResultView, SigningView

app_name = "cashier"

urlpatterns = [
    path("<slug:payment_no>/result/", ResultView.as_view(), name="result"),
    path("<slug:payment_no>/form/", FormView.as_view(), name="form"),
    path("<slug:payment_no>/code/", CodeView.as_view(), name="code"),
    path("signing/<slug:agreement_no>/", SigningView.as_view(), name="signing"),
]
