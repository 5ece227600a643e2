"""The admin's title, colours and where its sidebar comes from."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": _("Linli administration"),
    "SITE_HEADER": _("Linli administration"),
    "SITE_SYMBOL": "storefront",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("mall/favicon.svg"),
        }
    ],
    "DASHBOARD_CALLBACK": "mall.config.desk.first_page",
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "COLORS": {
        "primary": {
            "50": "#effaf3",
            "100": "#d8f3e1",
            "200": "#b4e6c6",
            "300": "#82d2a2",
            "400": "#4cb77a",
            "500": "#2a9b5c",
            "600": "#1b7d48",
            "700": "#16643b",
            "800": "#145031",
            "900": "#124229",
            "950": "#082518",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": "mall.config.sidebar.navigation",
    },
}
