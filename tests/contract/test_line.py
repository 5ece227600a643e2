"""What the line does decides what we may believe: not sent, unknown, later, our fault."""

from __future__ import annotations

import pytest

from payments.acquiring.contract import (
    AcquirerError,
    NotSentError,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from tests.contract.letterbox import line_that_says
from tests.contract.papers import asked_of_everything
from tests.machines import free_port

# Answers nobody can trust, as they stand on the wire.
UNTRUSTWORTHY = {
    "hangs up": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
    "nothing": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no json": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    "a list": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "an empty object": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "not text": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xff\xfe\x00{",
    "a fault of theirs": b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}",
    "bad gateway": b"HTTP/1.1 502 Oh\r\nContent-Length: 4\r\n\r\noops",
    "elsewhere": b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2p1\r\n",
}
SLOW_DOWN = b"HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}"
UNKNOWN = (Outcome.UNKNOWN,)


def _offered(bench, base_url: str) -> list[tuple[str, Exception | object]]:
    """Ask everything that is offered; return what came of it."""
    adapter = bench.adapter(base_url=base_url)
    found = []
    for method, arguments in asked_of_everything(bench).items():
        if method in bench.asks_nothing:
            continue
        try:
            found.append((method, getattr(adapter, method)(*arguments)))
        except NotSupportedError:
            continue
        except AcquirerError as error:
            found.append((method, error))
    return found


def test_where_nobody_listens_nothing_was_sent(bench):
    for method, came in _offered(bench, f"http://127.0.0.1:{free_port()}"):
        assert isinstance(came, NotSentError), (method, came)


@pytest.mark.parametrize("what", sorted(UNTRUSTWORTHY))
def test_an_answer_nobody_can_trust_is_no_answer(bench, what):
    with line_that_says(UNTRUSTWORTHY[what]) as url:
        for method, came in _offered(bench, url):
            is_unknown = getattr(came, "outcome", None) in UNKNOWN
            assert isinstance(came, OutcomeUnknownError) or is_unknown, (method, came)


def test_an_acquirer_that_asks_us_to_slow_down_is_asked_again_later(bench):
    with line_that_says(SLOW_DOWN) as url:
        for method, came in _offered(bench, url):
            assert isinstance(came, RateLimitedError), (method, came)
            assert came.retry_after_seconds == 7
