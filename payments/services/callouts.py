"""Calling a partner's own address with what happened: public addresses only, one answer."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from payments.acquiring.errors import AcquirerError
from payments.acquiring.transport import HttpCall, Limits, Transport
from payments.kernel.errors import LinliError

_LIMITS = Limits(connect_seconds=3.0, read_seconds=5.0, total_seconds=8.0, answer_bytes_max=65_536)


class PartnerAddressError(LinliError):
    """The address is none we may call: not https, not public, or with a user name in it."""

    code = "partner_address"
    http_status = 400
    message = _("Please give a public https address without user name or port below 443.")


class PartnerSilentError(LinliError):
    """The partner did not answer, or not in a way that can be read."""

    code = "partner_silent"
    http_status = 503
    message = _("The partner did not answer.")


def call_partner(*, url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Post bytes to a partner's address and return the status of its answer.

    Network: not inside a transaction. No redirect is followed, the answer's text is not kept.
    PartnerAddressError for an address that is not public at this moment, PartnerSilentError where
    no answer came.
    """
    require_public(url)
    parts = urlsplit(url)
    path = parts.path or "/"
    line = Transport(adapter="partner", base_url=f"{parts.scheme}://{parts.netloc}", limits=_LIMITS)
    target = f"{path}?{parts.query}" if parts.query else path
    try:
        return line.call(HttpCall("POST", target, dict(headers), body)).status
    except AcquirerError as error:
        raise PartnerSilentError(why=type(error).__name__) from error


def require_public(url: str) -> None:
    """Raise PartnerAddressError unless the address is https and leads out of our own network.

    Every address its name stands for at this moment is looked at, so that no name of the public
    network reaches an inner machine. A demo may also call this machine.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise PartnerAddressError from error
    if parts.username or parts.password or not parts.hostname or parts.fragment:
        raise PartnerAddressError
    if settings.LINLI_DEMO and parts.hostname in {"127.0.0.1", "localhost"}:
        return
    if parts.scheme != "https":
        raise PartnerAddressError
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PartnerSilentError(why="name") from error
    if not all(ipaddress.ip_address(str(each[4][0])).is_global for each in found):
        raise PartnerAddressError
