"""Every address of the product."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.static import serve

from mall.config import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("payments/", include("payments.rest_api.urls")),
    path("pay/", include("payments.cashier.urls")),
    path("api/v1/", include("mall.rest_api.urls")),
    path("api/v1/leader/", include("groupleader.rest_api.urls")),
    path("leader/", include("groupleader.portal.urls")),
    path("p/", include("groupleader.portal.qr_urls")),
    path("supplier/", include("groupleader.portal.supplier_urls")),
    path("", include("mall.storefront.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    # Of Oscar's own pages only the dashboard (catalogue work) stays reachable; residents have ours.
    path("dashboard/", apps.get_app_config("dashboard").urls),
    path("", include("mall.config.oscar_urls")),
]
if settings.LINLI_DEMO:
    # Production serves media from the web server or object storage (docs/operations.md).
    urlpatterns += [path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT})]
