"""Settings that must not reach production stop it at the door."""

from __future__ import annotations

import copy
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from mall.config import checks
from tests.databases import ROOT
from tests.servers import program_environment

# These tests judge a description of the database, they do not use it.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")


@pytest.fixture
def production(settings):
    """Settings as a careful operator has them."""
    settings.LINLI_DEMO = False
    settings.DEBUG = False
    settings.SECRET_KEY = "k" * 60
    settings.LINLI_SMS_BACKEND = "operator.sms.Backend"
    settings.LINLI_SANDBOX_URL = "http://127.0.0.1:8001"
    settings.LINLI_SANDBOX_ADMIN_URL = ""
    settings.ACQUIRER_PAGE_HOSTS = ["https://pay.acquirer.example"]
    settings.ALLOWED_HOSTS = ["mall.example.com"]
    settings.SITE_URL = "https://mall.example.com"
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://",
        }
    }
    settings.DATABASES = copy.deepcopy(settings.DATABASES)
    settings.DATABASES["default"] |= {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}
    return settings


def ids() -> list[str]:
    return [message.id for message in checks.production_is_safe() + checks.database_is_durable()]


def test_careful_settings_pass(production):
    assert ids() == []


def test_words_that_are_not_compiled_are_refused(production, tmp_path):
    written = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    written.parent.mkdir(parents=True)
    written.write_text("")
    production.LOCALE_PATHS = [tmp_path]

    assert ids() == ["linli.E011"]


def test_a_demo_may_be_unsafe(settings):
    settings.LINLI_DEMO = True
    settings.DEBUG = True

    assert checks.production_is_safe() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "short", "linli.E001"),
        ("DEBUG", True, "linli.E002"),
        ("ACQUIRER_PAGE_HOSTS", ["http://127.0.0.1:8001"], "linli.E003"),
        ("LINLI_SANDBOX_ADMIN_URL", "http://127.0.0.1:8002", "linli.E011"),
        ("LINLI_SMS_BACKEND", "console", "linli.E004"),
        ("LINLI_SMS_BACKEND", "sandbox", "linli.E004"),
        ("ALLOWED_HOSTS", [], "linli.E005"),
        ("ALLOWED_HOSTS", ["*"], "linli.E005"),
        ("ALLOWED_HOSTS", ["127.0.0.1", "localhost"], "linli.E005"),
        ("SITE_URL", "http://mall.example.com", "linli.E006"),
        (
            "CACHES",
            {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
            "linli.E007",
        ),
    ],
)
def test_an_unsafe_setting_is_an_error_with_a_way_out(production, name, value, expected):
    setattr(production, name, value)

    (message,) = checks.production_is_safe()
    assert message.id == expected
    assert message.hint


def test_the_demos_key_is_refused(production):
    production.SECRET_KEY = production.DEMO_SECRET_KEY

    assert ids() == ["linli.E001"]


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "expected"), [("active", ["linli.E003"]), ("disabled", [])])
def test_an_account_at_the_sandbox_is_refused_where_money_is_real(production, status, expected):
    account = apps.get_model("payments", "AcquirerAccount")
    account.objects.create(code="sandbox", adapter="sandbox", merchant_id="M", status=status)

    found = checks.no_sandbox_account(databases=["default"])

    assert [message.id for message in found] == expected


SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}


def test_durable_sqlite_is_a_notice_in_production(production):
    production.DATABASES["default"] = SQLITE

    assert ids() == ["linli.W001"]


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({"transaction_mode": "IMMEDIATE"}, "WAL"),
        ({"init_command": "PRAGMA journal_mode=WAL;"}, "IMMEDIATE"),
        (
            {
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
            },
            "synchronous FULL",
        ),
    ],
)
def test_careless_sqlite_is_an_error(production, options, missing):
    production.DATABASES["default"] = SQLITE | {"OPTIONS": options}

    (message,) = checks.database_is_durable()
    assert message.id == "linli.E008"
    assert missing in message.msg


def test_a_transaction_around_requests_is_an_error_even_in_a_demo(production):
    production.LINLI_DEMO = True
    production.DATABASES["default"] |= {"ATOMIC_REQUESTS": True}

    assert ids() == ["linli.E009"]


def test_a_hook_that_cannot_be_imported_is_an_error(settings):
    settings.LINLI_PAYABLE = "mall.ordering.no_such.Payable"

    assert "linli.E010" in [message.id for message in checks.hooks_exist()]


@pytest.mark.django_db(transaction=True)
def test_the_web_server_refuses_to_start(production):
    production.DEBUG = True

    with pytest.raises(ImproperlyConfigured, match=r"linli\.E002"):
        checks.refuse_unsafe_settings()


def test_a_production_process_with_the_demos_settings_does_not_start():
    environment = program_environment() | {"LINLI_DEMO": "false"}

    done = subprocess.run(
        [sys.executable, "-c", "import mall.config.wsgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    for number in ("E001", "E003", "E004", "E005", "E006", "E007"):
        assert f"linli.{number}" in done.stderr
