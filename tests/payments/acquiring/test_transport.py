"""The line to an acquirer: what is known when it breaks, tried on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from django.db import transaction

from payments.acquiring.errors import (
    ConfigError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.transport import (
    CallInsideTransactionError,
    HttpCall,
    Limits,
    Transport,
)
from tests.machines import free_port

Behave = Callable[[socket.socket], None]
ASK = HttpCall("POST", "/v1/orders", {"Content-Type": "application/json"}, b"{}")


@contextmanager
def server(behave: Behave) -> Iterator[str]:
    """A server that treats every caller as told; yields its address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line:
                    behave(line)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def line_to(base_url: str, **limits: float) -> Transport:
    """A transport with small patience."""
    chosen = {"connect_seconds": 0.5, "read_seconds": 0.4, "total_seconds": 3.0, **limits}
    return Transport(adapter="test", base_url=base_url, limits=Limits(**chosen))


def says(reply: bytes) -> Behave:
    """Read the whole request, answer with these bytes."""

    def behave(line: socket.socket) -> None:
        line.recv(65_536)
        line.sendall(reply)

    return behave


def ok(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    return head.encode() + body


def test_an_answer_comes_back_whole_with_lower_case_header_names():
    with server(says(ok(b'{"a":1}', more="X-Said: yes\r\n"))) as url:
        answer = line_to(url).call(ASK)

    assert (answer.status, answer.body, answer.headers["x-said"]) == (200, b'{"a":1}', "yes")


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "409 Conflict"])
def test_a_refusal_is_an_answer(status):
    with server(says(ok(b"{}", status))) as url:
        assert line_to(url).call(ASK).status == int(status[:3])


def test_a_closed_port_means_nothing_was_sent():
    with pytest.raises(NotSentError):
        line_to(f"http://127.0.0.1:{free_port()}").call(ASK)


def test_a_name_that_does_not_exist_means_nothing_was_sent():
    with pytest.raises(NotSentError):
        line_to("http://no-such-host.invalid").call(ASK)


def test_a_full_backlog_means_nothing_was_sent():
    with closing(socket.socket()) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        with closing(socket.create_connection(("127.0.0.1", port))):
            waiting = [socket.socket() for _ in range(4)]
            for caller in waiting:
                caller.setblocking(False)
                caller.connect_ex(("127.0.0.1", port))

            with pytest.raises(NotSentError):
                line_to(f"http://127.0.0.1:{port}", connect_seconds=0.3).call(ASK)

            for caller in waiting:
                caller.close()


def test_a_server_without_tls_means_nothing_was_sent():
    with server(says(b"this is no TLS\r\n")) as url, pytest.raises(NotSentError):
        line_to(url.replace("http:", "https:")).call(ASK)


def test_silence_after_the_request_is_unknown():
    silence = threading.Event()

    def listen_only(line: socket.socket) -> None:
        line.recv(65_536)
        silence.wait(5)

    with server(listen_only) as url, pytest.raises(OutcomeUnknownError):
        line_to(url).call(ASK)
    silence.set()


def test_a_reset_before_any_answer_is_unknown():
    def reset(line: socket.socket) -> None:
        line.recv(65_536)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with server(reset) as url, pytest.raises(OutcomeUnknownError):
        line_to(url).call(ASK)


def test_a_reset_after_the_headers_is_unknown():
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"
    with server(says(cut)) as url, pytest.raises(OutcomeUnknownError):
        line_to(url).call(ASK)


def test_an_answer_that_drips_longer_than_the_budget_is_unknown():
    def drip(line: socket.socket) -> None:
        line.recv(65_536)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        pause = threading.Event()
        try:
            while not pause.wait(0.1):
                line.sendall(b"x")
        except OSError:
            return

    with server(drip) as url, pytest.raises(OutcomeUnknownError):
        line_to(url, total_seconds=0.8).call(ASK)


def test_an_oversized_answer_is_unknown():
    with server(says(ok(b"x" * 5_000))) as url, pytest.raises(OutcomeUnknownError):
        line_to(url, answer_bytes_max=4_999).call(ASK)


def test_the_largest_allowed_answer_is_read():
    with server(says(ok(b"x" * 5_000))) as url:
        assert len(line_to(url, answer_bytes_max=5_000).call(ASK).body) == 5_000


@pytest.mark.parametrize(
    "status", ["500 Internal Server Error", "502 Bad Gateway", "301 Moved", "307 Temporary"]
)
def test_server_errors_and_redirects_are_unknown_and_not_followed(status):
    followed = []

    def behave(line: socket.socket) -> None:
        followed.append(line.recv(65_536))
        line.sendall(ok(b"", status, "Location: /elsewhere\r\n"))

    with server(behave) as url, pytest.raises(OutcomeUnknownError):
        line_to(url).call(ASK)

    assert len(followed) == 1


def test_too_many_requests_means_not_executed_and_how_long_to_wait():
    reply = ok(b"{}", "429 Too Many Requests", "Retry-After: 7\r\n")
    with server(says(reply)) as url, pytest.raises(RateLimitedError) as caught:
        line_to(url).call(ASK)

    assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize("wait", ["99999999", "9" * 5000])
def test_nobody_puts_us_off_for_longer_than_an_hour(wait):
    reply = ok(b"{}", "429 Too Many Requests", f"Retry-After: {wait}\r\n")
    with server(says(reply)) as url, pytest.raises(RateLimitedError) as caught:
        line_to(url).call(ASK)

    assert caught.value.retry_after_seconds == 3600


def test_a_request_is_sent_once_however_it_ends():
    heard = []

    def hang_up(line: socket.socket) -> None:
        heard.append(line.recv(65_536))

    with server(hang_up) as url, pytest.raises(OutcomeUnknownError):
        line_to(url).call(ASK)

    assert len(heard) == 1


@pytest.mark.parametrize("path", ["//evil.example/", "v1", "/a b", "/a\r\nHost: x", "http://x/"])
def test_only_a_path_of_the_acquirer_is_asked_for(path):
    with pytest.raises(NotSentError):
        line_to("http://127.0.0.1:9").call(HttpCall("GET", path, {}))


@pytest.mark.parametrize("url", ["ftp://bank", "http://user:pw@bank", "bank", "http://bank/?x=1"])
def test_only_a_plain_address_is_an_acquirers(url):
    with pytest.raises(ConfigError):
        Transport(adapter="test", base_url=url)


@pytest.mark.django_db
def test_inside_a_transaction_nobody_calls():
    with server(says(ok(b"{}"))) as url:
        line = line_to(url)
        with transaction.atomic(), pytest.raises(CallInsideTransactionError):
            line.call(ASK)

        assert line.call(ASK).status == 200, "the test's own transaction is not one of ours"


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_is_a_transaction_too():
    with transaction.atomic(), transaction.atomic(), pytest.raises(CallInsideTransactionError):
        line_to("http://127.0.0.1:9").call(ASK)


def test_one_line_per_call_is_logged_and_numbers_are_masked(caplog):
    caplog.set_level("INFO", logger="payments.acquiring.transport")
    path = "/v1/cards/6221680000000017"

    with server(says(ok(b"{}"))) as url:
        line_to(url).call(HttpCall("GET", path, {}))

    (record,) = [r for r in caplog.records if r.message.startswith("acquirer.call")]
    assert "adapter=test method=GET path=/v1/cards/622168******0017 status=200" in record.message
