"""A line that never leaves this process: a rehearsal carries each request itself.

Hung under an acquirer's address by `transport.mount`. Everything above it stays the real thing:
the adapter, its signatures, the transport, and the witness that tells "not sent" from "unknown".
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from payments.acquiring.witness import current_witness


@dataclass(frozen=True, slots=True)
class Carried:
    """A request as it left, or an answer as it came: raw bytes, header names as written."""

    headers: Mapping[str, str]
    body: bytes
    method: str = ""
    target: str = ""
    status: int = 0


# Takes the request and a function to call when its first byte leaves; returns the answer.
# OSError where the line breaks: before that call nothing was sent, after it nobody knows.
Carry = Callable[[Carried, Callable[[], None]], Carried]


class CarryingAdapter(BaseAdapter):
    """Requests' way to a server that a rehearsal plays."""

    def __init__(self, carry: Carry) -> None:
        """Take who carries."""
        super().__init__()
        self._carry = carry

    def send(self, request: PreparedRequest, *_args: Any, **_kwargs: Any) -> Response:
        """Carry one request; raises what the carrier raises."""
        body = request.body or b""
        left = Carried(
            headers=dict(request.headers),
            body=body if isinstance(body, bytes) else body.encode(),
            method=request.method or "",
            target=request.path_url,
        )
        return _response(request, self._carry(left, _tell_the_witness))

    def close(self) -> None:
        """Nothing is held open."""


def _tell_the_witness() -> None:
    witness = current_witness.get()
    if witness is not None:
        witness.before_write(None)


def _response(request: PreparedRequest, answer: Carried) -> Response:
    response = Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response.request = request
    response.url = request.url or ""
    response.raw = urllib3.HTTPResponse(
        body=io.BytesIO(answer.body), status=answer.status, preload_content=False
    )
    return response
