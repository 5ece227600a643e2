"""Oscar's settings: which of its apps we replace classes in, and what we switch off."""

from __future__ import annotations

from oscar import INSTALLED_APPS as _CORE_APPS
from oscar.defaults import *

_FORKS = {
    f"oscar.apps.{label}.apps.{label.capitalize()}Config": (
        f"mall.forks.{label}.apps.{label.capitalize()}Config"
    )
    for label in ("checkout", "order", "shipping", "partner")
}
OSCAR_APPS = [_FORKS.get(app, app) for app in _CORE_APPS if not app.startswith("django.contrib.")]
# Classes are forked, models never: the tables and their history stay Oscar's.
MIGRATION_MODULES = {
    label: f"oscar.apps.{label}.migrations" for label in ("order", "partner", "shipping")
}

OSCAR_SHOP_NAME = "邻里团"
OSCAR_SHOP_TAGLINE = ""
OSCAR_DEFAULT_CURRENCY = "CNY"
OSCAR_HOMEPAGE = "/"
OSCAR_ALLOW_ANON_CHECKOUT = False
OSCAR_ALLOW_ANON_REVIEWS = False
OSCAR_SLUG_ALLOW_UNICODE = False
OSCAR_SLUG_FUNCTION = "mall.catalogue.slugs.pinyin_slug"
OSCAR_HIDDEN_FEATURES = ["wishlists", "reviews"]
OSCAR_FROM_EMAIL = "no-reply@localhost"
OSCAR_INITIAL_ORDER_STATUS = "pending_payment"
OSCAR_INITIAL_LINE_STATUS = "pending_payment"
# The order's life, shown by Oscar's dashboard; moved only by mall.ordering (docs/glossary.md).
OSCAR_ORDER_STATUS_PIPELINE = {
    "pending_payment": ("paid", "cancelled"),
    "paid": ("confirmed", "refunded"),
    "confirmed": ("in_transit", "arrived", "refunded"),
    "in_transit": ("arrived", "refunded"),
    "arrived": ("collected", "refunded"),
    "collected": ("closed", "refunded", "arrived"),
    "closed": ("refunded",),
    "cancelled": (),
    "refunded": (),
}
OSCAR_LINE_STATUS_PIPELINE = OSCAR_ORDER_STATUS_PIPELINE
