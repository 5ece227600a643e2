"""Where acquirers reach us."""

from __future__ import annotations

from django.urls import path

from payments.rest_api.pushed import PushedBillView
from payments.rest_api.views import NotifyView

app_name = "payments"

urlpatterns = [
    path("notify/<slug:account_code>/", NotifyView.as_view(), name="notify"),
    path("bills/<slug:account_code>/", PushedBillView.as_view(), name="pushed_bill"),
]
