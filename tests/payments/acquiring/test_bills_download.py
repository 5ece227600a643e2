"""A file from an acquirer: whole or not at all, with its digest, and with the line's own errors."""

from __future__ import annotations

import hashlib
import socket
import tracemalloc

import pytest
from django.db import transaction

from payments.acquiring.errors import NotSentError, OutcomeUnknownError, RateLimitedError
from payments.acquiring.transport import (
    CallInsideTransactionError,
    HttpAnswer,
    HttpCall,
    HttpFile,
)
from tests.machines import free_port
from tests.payments.acquiring.test_transport import line_to, ok, says, server

FETCH = HttpCall("GET", "/v1/bills/2026-11-21?kind=trade", {})


def test_a_file_comes_whole_with_its_digest(tmp_path):
    body = b"1,192.00\n" * 100_000

    with server(says(ok(body, more="X-Lines: 100000\r\n"))) as url:
        came = line_to(url).download(FETCH, into=tmp_path / "bill")

    assert isinstance(came, HttpFile)
    assert (came.sha256, came.byte_count) == (hashlib.sha256(body).hexdigest(), len(body))
    assert came.headers["x-lines"] == "100000"
    assert (tmp_path / "bill").read_bytes() == body


def test_a_refusal_comes_back_as_an_answer_and_leaves_no_file(tmp_path):
    with server(says(ok(b'{"code":"BILL_NOT_READY"}', "404 Not Found"))) as url:
        came = line_to(url).download(FETCH, into=tmp_path / "bill")

    assert isinstance(came, HttpAnswer)
    assert came.body == b'{"code":"BILL_NOT_READY"}'
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf", OutcomeUnknownError),
        (ok(b"", "302 Found", "Location: /elsewhere\r\n"), OutcomeUnknownError),
        (ok(b"broken", "500 Internal Server Error"), OutcomeUnknownError),
        (ok(b"{}", "429 Too Many Requests"), RateLimitedError),
        (ok(b"x" * 5_001), OutcomeUnknownError),
        (b"no http at all\r\n\r\n", OutcomeUnknownError),
    ],
)
def test_what_goes_wrong_is_told_by_the_same_classes_and_leaves_no_file(tmp_path, reply, error):
    with server(says(reply)) as url, pytest.raises(error):
        line_to(url, file_bytes_max=5_000).download(FETCH, into=tmp_path / "bill")

    assert list(tmp_path.iterdir()) == []


def test_a_failed_download_leaves_the_earlier_file_alone(tmp_path):
    (tmp_path / "bill").write_bytes(b"yesterday's")

    with server(says(ok(b"", "502 Bad Gateway"))) as url, pytest.raises(OutcomeUnknownError):
        line_to(url).download(FETCH, into=tmp_path / "bill")

    assert (tmp_path / "bill").read_bytes() == b"yesterday's"


def test_a_closed_port_means_nothing_was_asked(tmp_path):
    with pytest.raises(NotSentError):
        line_to(f"http://127.0.0.1:{free_port()}").download(FETCH, into=tmp_path / "bill")


def test_a_file_may_take_longer_than_an_answer(tmp_path):
    def slow(line: socket.socket) -> None:
        line.recv(65_536)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nab")
        line.settimeout(0.6)
        try:
            line.recv(1)
        except TimeoutError:
            line.sendall(b"cd")

    with server(slow) as url:
        came = line_to(url, read_seconds=0.2).download(FETCH, into=tmp_path / "bill")

    assert came.byte_count == 4


def test_a_file_has_a_time_limit_of_its_own(tmp_path):
    def never(line: socket.socket) -> None:
        line.recv(65_536)
        line.recv(1)

    with server(never) as url, pytest.raises(OutcomeUnknownError):
        line_to(url, file_total_seconds=0.3).download(FETCH, into=tmp_path / "bill")


@pytest.mark.django_db
def test_nobody_downloads_inside_a_transaction(tmp_path):
    with transaction.atomic(), pytest.raises(CallInsideTransactionError):
        line_to("http://127.0.0.1:9").download(FETCH, into=tmp_path / "bill")


def test_a_large_file_needs_little_memory(tmp_path):
    body = b"0123456789abcdef" * 1_000_000
    with server(says(ok(body))) as url:
        line = line_to(url)
        tracemalloc.start()
        try:
            line.download(FETCH, into=tmp_path / "bill")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak < 4_000_000, "16 MB came through a window"
