"""The merchants' portal (商户服务平台): where messages go is set there, not in a request.

The real one is a web site for people. Here it is one address: POST /portal with `notify_url`, and
`way` GET or POST.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint, Response, request

from payments.sandbox.core.bank import Bank
from payments.sandbox.keys import write_secret
from payments.sandbox.notifier import is_allowed_url
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer


class Portal:
    """What was set: kept in a file of the bank's."""

    def __init__(self, path: Path, *, notify_url: str) -> None:
        """Take the file, and where messages go until somebody sets it."""
        self._path = path
        self._default = notify_url

    @property
    def _said(self) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        said: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        return said

    @property
    def notify_url(self) -> str:
        """Where messages go; "" for nowhere."""
        return str(self._said.get("notify_url", self._default))

    @property
    def way(self) -> str:
        """How they are sent: in a POST's body, or in the address."""
        return str(self._said.get("way", "POST"))

    def set(self, *, notify_url: str, way: str) -> None:
        """Remember where messages go."""
        said = {"notify_url": notify_url, "way": way}
        write_secret(self._path, json.dumps(said).encode())


class HasPortal(Protocol):
    """A door whose merchant has a portal."""

    bank: Bank
    portal: Portal


def add_routes(routes: Blueprint, door: HasPortal) -> None:
    """Add the portal."""

    @routes.post("/portal")
    def set_portal() -> Response:
        notify_url, way = request.form.get("notify_url", ""), request.form.get("way", "POST")
        if notify_url and not is_allowed_url(notify_url, door.bank.settings.notify_hosts):
            raise Refusal("NOTIFY_URL_NOT_ALLOWED", "messages may not go there")
        if way not in {"GET", "POST"}:
            raise Refusal("PARAM_ERROR", "way is GET or POST")
        door.portal.set(notify_url=notify_url, way=way)
        return answer({"notify_url": notify_url, "way": way})
