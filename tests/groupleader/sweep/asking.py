"""Addresses out of Django's own list, filled with real things, and asked as anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import RegexPattern
from knox.models import get_token_model
from rest_framework.views import APIView

from mall.accounts.models import User
from tests.groupleader.sweep.table import ANY, BACK, GONE, NO, OTHERWISE, SIGN_IN
from tests.mall.aftersales.complaining import photo

# What any visit may write: sign-ins, kept answers, figures that count visits.
_ANY_VISIT = (
    "django_session",
    "rest_api_keptanswer",
    "knox_authtoken",
    "accounts_sendingallowance",
)
_ANY_VISIT += ("fulfilment_askedoften",)
_numbers = count(1)
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Address:
    """One address: its name with its room's, its path, and what it takes."""

    name: str
    path: str
    pattern: str
    methods: tuple[str, ...]
    is_interface: bool


def addresses(prefix: str, room: str | None, things: dict[str, Any]) -> Iterator[Address]:
    """Yield every address under a prefix of Django's list, filled with things."""
    for included in get_resolver().url_patterns:
        is_it = str(included.pattern) == prefix and getattr(included, "app_name", None) == room
        if not is_it:
            continue
        for each in included.url_patterns:
            if isinstance(each, URLPattern):
                yield _address(each, room, things)


def _address(pattern: URLPattern, room: str | None, things: dict[str, Any]) -> Address:
    name = f"{room}:{pattern.name}" if room else str(pattern.name)
    names = list(pattern.pattern.converters)
    if isinstance(pattern.pattern, RegexPattern):
        names = list(pattern.pattern.regex.groupindex)
    other = OTHERWISE.get(name, {})
    filled = {each: things[str(other.get(each, each))] for each in names}
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    is_interface = isinstance(view, type) and issubclass(view, APIView)
    methods = _METHODS[:2]
    if is_interface:
        methods = tuple(each for each in _METHODS if hasattr(view, each))
    return Address(name, reverse(name, kwargs=filled), str(pattern.pattern), methods, is_interface)


class Asker:
    """Somebody with a browser and an app."""

    def __init__(self, user: User | None) -> None:
        """Sign in, where there is somebody."""
        self._browser = Client(raise_request_exception=False)
        self._headers: dict[str, str] = {}
        if user is not None:
            self._browser.force_login(user)
            _kept, token = get_token_model().objects.create(user=user)
            self._headers = {"Authorization": f"Bearer {token}"}

    def asks(self, address: Address, method: str, body: dict[str, Any]) -> tuple[int, str]:
        """Return the status, and what it says; a way to the sign-in page counts as 401."""
        if address.is_interface:
            response = self._app(address, method, body)
        elif method == "get":
            response = self._browser.get(address.path)
        else:
            plain = {name: each for name, each in body.items() if not isinstance(each, dict | list)}
            response = self._browser.post(address.path, plain)
        said = b"".join(response) if response.streaming else response.content
        status = response.status_code
        if status == 302 and response["Location"].startswith(reverse("storefront:sign-in")):
            status = 401
        return status, said.decode(errors="replace")

    def _app(self, address: Address, method: str, body: dict[str, Any]) -> Any:
        client = Client(raise_request_exception=False)
        headers = self._headers | {"Idempotency-Key": f"sweep-{next(_numbers):08}"}
        sent: dict[str, Any] = {}
        if address.name.endswith("-photos"):
            sent = {"data": {"photos": photo()}}
        elif method not in {"get", "delete"}:
            sent = {"data": body, "content_type": "application/json"}
        return getattr(client, method)(address.path, headers=headers, **sent)


def is_meant(status: int, expected: str) -> bool:
    """Tell whether a status is what the table says; too many dead keys are as good as none."""
    known = {GONE: {404, 429}, NO: {403}, SIGN_IN: {401}, BACK: {302}}
    if expected in known:
        return status in known[expected]
    if expected == ANY:
        return status < 500
    return status < 500 and status not in {401, 403, 404}


@contextmanager
def undone() -> Iterator[None]:
    """Let nothing of this stay."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def rows() -> set[tuple[Any, ...]]:
    """Return every row of every table but those any visit writes."""
    found: set[tuple[Any, ...]] = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in _ANY_VISIT:
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
                found.update((table, *map(str, row)) for row in cursor.fetchall())
    return found
