"""Writing a request the way Stripe reads it: one flat form, nested names in brackets. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import urlencode

Params = Mapping[str, object]


def pairs(params: Params) -> Iterator[tuple[str, str]]:
    """Flatten parameters as Stripe's own library does: `a[b][0][c]`, lists always indexed.

    None is left out, truth is `true` or `false`, an aware instant is seconds since 1970.
    """
    for name, value in params.items():
        yield from _flat(name, value)


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _flat(f"{name}[{number}]", inner)
    else:
        yield name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    return str(value)


def form_body(params: Params) -> bytes:
    """Write a POST's body; brackets stay readable, as in Stripe's own library."""
    text = urlencode(list(pairs(params)))
    return text.replace("%5B", "[").replace("%5D", "]").encode()


def query_string(params: Params) -> str:
    """Write what follows a path: "" without parameters, else `?limit=100&created%5Bgte%5D=…`."""
    text = urlencode(list(pairs(params)))
    return f"?{text}" if text else ""
