"""The strict Stripe's door: HTTP on a port of this machine, and answers that get lost."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.payments.stripe.strict import StrictStripe


def open_stripe(stripe: StrictStripe, port: int) -> ThreadingHTTPServer:
    """Let it answer on a port of this machine; the caller shuts the server down."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, data = stripe.answer(self.command, self.path, self.headers, body)
            if any(part in f"{self.command} {self.path}" for part in stripe.lost):
                stripe.lost.clear()
                self.close_connection = True
                return
            written = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST  # noqa: N815 - http.server's names

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Door)
    server.daemon_threads = True
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    ).start()
    stripe.url = f"http://127.0.0.1:{port}"
    return server
