"""Addresses of suppliers' statements, behind their links."""

from __future__ import annotations

from django.urls import path, re_path

from groupleader.portal import supplier

app_name = "supplier_statements"
_ACTS = "confirm|dispute|write"
urlpatterns = [
    path("<str:token>/settlement/", supplier.statements, name="statements"),
    path("<str:token>/settlement/<slug:statement_no>/", supplier.statement, name="statement"),
    re_path(
        rf"^(?P<token>[^/]+)/settlement/(?P<statement_no>[-\w]+)/(?P<what>{_ACTS})/$",
        supplier.act,
        name="act",
    ),
    path(
        "<str:token>/settlement/<slug:statement_no>/papers/<str:name>",
        supplier.paper,
        name="paper",
    ),
    path(
        "<str:token>/settlement/<slug:statement_no>/statement.<slug:form>",
        supplier.document,
        name="file",
    ),
]
