"""Where a payer comes back to."""

from __future__ import annotations

from django.urls import path

from payments.cashier.views import FormView, ResultView

app_name = "cashier"

urlpatterns = [
    path("<slug:payment_no>/result/", ResultView.as_view(), name="result"),
    path("<slug:payment_no>/form/", FormView.as_view(), name="form"),
]
