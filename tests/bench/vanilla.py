"""Oscar as it comes, for comparison: its own settings, pages and tables, nothing of ours."""

from __future__ import annotations

import os

import environ
from django.apps import apps
from django.core.management import call_command
from django.urls import include, path
from oscar import INSTALLED_APPS  # noqa: F401 - a setting
from oscar.defaults import *  # noqa: F403

SECRET_KEY = "of-a-benchmark"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
SITE_ID = 1
USE_TZ = True
STATIC_URL = "static/"
MEDIA_ROOT = os.environ.get("LINLI_DATA", "")
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {"default": environ.Env().db("DATABASE_URL") | {"CONN_MAX_AGE": 60}}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
# Its tables without the 134 steps that led to them.
MIGRATION_MODULES = type("Straight", (dict,), {"__contains__": lambda *_: True})()
MIGRATION_MODULES.__class__.__getitem__ = lambda *_: None
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.apps.communication.notifications.context_processors.notifications",
                "oscar.core.context_processors.metadata",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["oscar.apps.customer.auth_backends.EmailBackend"]


# What Oscar asks the plainest search engine for when somebody browses everything.
_FOUND = "true ['standalone', 'parent']"


def __getattr__(name: str) -> object:
    """Return Oscar's addresses, which are known once its apps are."""
    if name == "urlpatterns":
        return [path("", include(apps.get_app_config("oscar").urls[0]))]
    raise AttributeError(name)


def main(products: str) -> None:
    """Make the tables, and so many products with a price and something in stock."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    from oscar.test.factories import create_product  # noqa: PLC0415 - the tables come first

    for n in range(int(products)):
        create_product(title=f"goods {n}", price=20.8, num_in_stock=100, description=_FOUND)
