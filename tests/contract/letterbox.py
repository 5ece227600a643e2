"""A letterbox an acquirer can post to, and a line that goes wrong in a chosen way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from payments.acquiring.contract import RawHttp


class Letterbox:
    """Takes every message, answers 200 with `answer`, and keeps the raw request."""

    def __init__(self, answer: bytes = b"") -> None:
        """Open the slot on a free port."""
        self.answer = answer
        self.kept: list[RawHttp] = []
        box = self

        class Slot(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                box.kept.append(RawHttp("POST", parts.path, parts.query.encode(), headers, body))
                self.send_response(200)
                self.send_header("Content-Length", str(len(box.answer)))
                self.end_headers()
                self.wfile.write(box.answer)

            def log_message(self, *_said: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Slot)
        self.url = f"http://127.0.0.1:{self._server.server_port}/notify"

    @classmethod
    @contextmanager
    def open(cls, answer: bytes = b"") -> Iterator[Letterbox]:
        """Take messages for as long as the block lasts."""
        box = cls(answer)
        thread = threading.Thread(target=box._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box._server.shutdown()
            box._server.server_close()


@contextmanager
def line_that_says(said: bytes) -> Iterator[str]:
    """A server that reads one request per connection, says these bytes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    _read_request(connection)
                    connection.sendall(said)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _read_request(connection: socket.socket) -> None:
    connection.settimeout(5)
    seen = b""
    while b"\r\n\r\n" not in seen and (chunk := connection.recv(65_536)):
        seen += chunk
    head, _, body = seen.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while missing > 0 and (chunk := connection.recv(65_536)):
        missing -= len(chunk)
