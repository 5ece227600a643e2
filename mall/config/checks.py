"""Settings that must not reach production: each is an error at start-up, with the way out.

Tried on every `manage.py` command and when the web server starts. LINLI_DEMO=true (the default)
says "this is for trying things" and allows what is only unsafe with real money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, run_checks
from django.core.checks import Warning as Notice
from django.core.exceptions import ImproperlyConfigured
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


def hooks_exist(**_kwargs: Any) -> list[CheckMessage]:
    """What settings name by a dotted string can be imported."""
    messages = []
    named = [("LINLI_PAYABLE", settings.LINLI_PAYABLE)]
    named += [("LINLI_INVARIANTS", path) for path in settings.LINLI_INVARIANTS]
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
    errors = [message for message in run_checks(tags=[TAG]) if message.is_serious()]
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
    if "sandbox" in getattr(settings, "LINLI_ADAPTERS", {}):
        yield Error(
            "The sandbox acquirer is configured: its payments are not money.",
            hint="Remove `sandbox` from LINLI_ADAPTERS and configure a real acquirer.",
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


_PRODUCTION: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    _own_secret_key,
    _no_debug,
    _real_acquirers,
    _real_messages,
    _own_host,
    _https,
    _shared_cache,
)
