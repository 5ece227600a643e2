"""Settings that must not reach production: each is an error at start-up, with the way out.

Tried on every `manage.py` command and when the web server starts. LINLI_DEMO=true (the default)
says "this is for trying things" and allows what is only unsafe with real money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, run_checks
from django.core.checks import Warning as Notice
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string

TAG = "linli"
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def production_is_safe(**_kwargs: Any) -> list[CheckMessage]:
    """Outside a demo: own key, no debug, real acquirer and SMS, own host, HTTPS, shared cache."""
    if settings.LINLI_DEMO:
        return []
    return [message for judge in _PRODUCTION for message in judge()]


def database_is_durable(**_kwargs: Any) -> list[CheckMessage]:
    """Also in a demo: SQLite with WAL and IMMEDIATE, and no transaction around a request."""
    return [*_sqlite_is_durable(), *_no_transaction_around_requests()]


def no_sandbox_account(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Outside a demo: no account at the sandbox acquirer is in use. Asked where a database is."""
    if settings.LINLI_DEMO or not databases:
        return []
    accounts = apps.get_model("payments", "AcquirerAccount").objects
    try:
        found = accounts.filter(adapter="sandbox").exclude(status="disabled").exists()
    except DatabaseError:
        return []  # not there yet, or not migrated yet: /readyz says so
    return [_sandbox_error("An account in use is at")] if found else []


def hooks_exist(**_kwargs: Any) -> list[CheckMessage]:
    """What settings name by a dotted string can be imported."""
    messages = []
    named = [("LINLI_PAYABLE", settings.LINLI_PAYABLE), ("LINLI_DISPUTES", settings.LINLI_DISPUTES)]
    named += [("LINLI_INVARIANTS", path) for path in settings.LINLI_INVARIANTS]
    named += [("LINLI_TRAIL", path) for path in settings.LINLI_TRAIL]
    for setting, path in named:
        try:
            import_string(path)
        except ImportError as error:
            messages.append(
                Error(
                    f"{setting} names {path!r}, which cannot be imported: {error}",
                    hint="Correct the dotted path.",
                    id="linli.E010",
                )
            )
    return messages


def refuse_unsafe_settings() -> None:
    """For the web server, which runs no management command: raise ImproperlyConfigured."""
    messages = run_checks(tags=[TAG], databases=["default"])
    connections.close_all()  # the web server may fork after this
    errors = [message for message in messages if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(str(error) for error in errors))


def _own_secret_key() -> Iterator[CheckMessage]:
    key = settings.SECRET_KEY
    if key == settings.DEMO_SECRET_KEY or len(key) < 50:
        yield Error(
            "LINLI_SECRET_KEY is the demo's or shorter than 50 characters.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(50))" makes one.',
            id="linli.E001",
        )


def _no_debug() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "LINLI_DEBUG is on: errors would show settings and data to strangers.",
            hint="Set LINLI_DEBUG=false.",
            id="linli.E002",
        )


def _real_acquirers() -> Iterator[CheckMessage]:
    if settings.LINLI_SANDBOX_URL in settings.ACQUIRER_PAGE_HOSTS:
        yield _sandbox_error("LINLI_ACQUIRER_PAGE_HOSTS lets pages send payers to")
    if settings.LINLI_SANDBOX_ADMIN_URL:
        yield Error(
            "LINLI_SANDBOX_ADMIN_URL is set: it steers an acquirer that plays with time and money.",
            hint="Remove the setting; only a demo has such an acquirer.",
            id="linli.E011",
        )


def _sandbox_error(what: str) -> CheckMessage:
    return Error(
        f"{what} the sandbox acquirer: its payments are not money.",
        hint="Set LINLI_ACQUIRER_PAGE_HOSTS to your acquirers' origins, and disable the "
        "sandbox's account in the admin (Payments, Acquirer accounts).",
        id="linli.E003",
    )


def _real_messages() -> Iterator[CheckMessage]:
    if settings.LINLI_SMS_BACKEND in {"console", "sandbox"}:
        yield Error(
            f"LINLI_SMS_BACKEND={settings.LINLI_SMS_BACKEND}: sign-in codes would reach nobody's "
            "telephone, and a log or test page instead.",
            hint="Name the dotted path of a backend that sends.",
            id="linli.E004",
        )


def _own_host() -> Iterator[CheckMessage]:
    hosts = set(settings.ALLOWED_HOSTS)
    if "*" in hosts or not hosts - _LOOPBACK:
        yield Error(
            "LINLI_ALLOWED_HOSTS does not name the host of this installation.",
            hint="For example LINLI_ALLOWED_HOSTS=mall.example.com; never *.",
            id="linli.E005",
        )


def _https() -> Iterator[CheckMessage]:
    if urlsplit(settings.SITE_URL).scheme != "https":
        yield Error(
            "LINLI_SITE_URL is not https: sessions and payments would travel in the clear.",
            hint="For example LINLI_SITE_URL=https://mall.example.com",
            id="linli.E006",
        )


def _shared_cache() -> Iterator[CheckMessage]:
    if "locmem" in settings.CACHES["default"]["BACKEND"].lower():
        yield Error(
            "The cache lives inside each process: limits on sign-in codes would count per process.",
            hint="Set REDIS_URL.",
            id="linli.E007",
        )


def _sqlite_is_durable() -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return
    options = database.get("OPTIONS", {})
    said = str(options.get("init_command", "")).replace(" ", "").upper()
    missing = []
    if "JOURNAL_MODE=WAL" not in said:
        missing.append("WAL")
    if options.get("transaction_mode") != "IMMEDIATE":
        missing.append("transaction_mode IMMEDIATE")
    if "SYNCHRONOUS=OFF" in said and not settings.LINLI_DEMO:
        missing.append("synchronous FULL")
    if missing:
        yield Error(
            f"SQLite without {', '.join(missing)}: buyers at the same moment get errors, and a "
            "power cut can lose a payment.",
            hint="Leave the database options of mall.config.settings as they are.",
            id="linli.E008",
        )
    elif not settings.LINLI_DEMO:
        yield Notice(
            "SQLite serves one machine and one writer at a time.",
            hint="For more than one machine set DATABASE_URL=postgres://…",
            id="linli.W001",
        )


def _no_transaction_around_requests() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"].get("ATOMIC_REQUESTS"):
        yield Error(
            "ATOMIC_REQUESTS is on: an acquirer would be called inside a transaction.",
            hint="Leave ATOMIC_REQUESTS off; services open their own transactions.",
            id="linli.E009",
        )


def _words_are_compiled() -> Iterator[CheckMessage]:
    for folder in settings.LOCALE_PATHS:
        written = Path(folder).glob("*/LC_MESSAGES/django.po")
        if any(not po.with_suffix(".mo").exists() for po in written):
            yield Error(
                f"{folder} is not compiled: residents would read English.",
                hint="manage.py messages --compile",
                id="linli.E011",
            )


_PRODUCTION: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    _own_secret_key,
    _no_debug,
    _real_acquirers,
    _real_messages,
    _own_host,
    _https,
    _shared_cache,
    _words_are_compiled,
)

ALL = (production_is_safe, database_is_durable, no_sandbox_account, hooks_exist)
