"""Start the sandbox acquirer: `python -m payments.sandbox --port 8001 --data DIR`."""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from werkzeug.serving import make_server

from payments.sandbox.clerk import Clerk
from payments.sandbox.dialects.opening import DIALECTS
from payments.sandbox.program import create_admin, open_program
from payments.sandbox.settings import Settings


def _seconds(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def _rate(text: str) -> str:
    try:
        is_rate = 0 <= Decimal(text) < 1
    except InvalidOperation:
        is_rate = False
    if not is_rate:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate such as 0.0038")
    return text


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    line = argparse.ArgumentParser(prog="python -m payments.sandbox", description=__doc__)
    say = line.add_argument
    say("--data", type=Path, required=True, help="folder of the bank's books and private keys")
    say("--keys", type=Path, help="folder for the merchant's keys (default: DATA/keys)")
    say("--host", default="127.0.0.1", help="address to listen on")
    say("--port", type=int, default=8001)
    say("--public-url", default="", help="address payers' browsers use, if it is another")
    say(
        "--merchant-notify-host",
        action="append",
        default=[],
        help="a host notices may be posted to, besides 127.0.0.1 and localhost; may be repeated",
    )
    say(
        "--merchant-notify-url",
        default="",
        help="where acquirers' messages go whose requests name no address; {dialect} is filled in",
    )
    say("--retry-seconds", type=_seconds, help="pauses between tries of a notice, e.g. 1,2,5,15")
    say("--refund-delay-seconds", type=float, help="0 finishes a refund at once")
    say("--transfer-delay-seconds", type=float)
    say("--transfers-wait", action="store_true", help="every payee has to confirm a transfer")
    say("--agreement-days", type=float, help="how long an agreement is in force; 0 is for ever")
    say("--split-delay-seconds", type=float)
    say("--split-percent-max", type=int, help="how much of an order may be shared out")
    say("--slow-answer-seconds", type=float, help="how long the slow test card's answer takes")
    say("--code-pause-seconds", type=float, help="pause between two one-time codes")
    say("--fee-rate", type=_rate, help="what the bank keeps of a payment, e.g. 0.0038")
    say("--admin-port", type=int, default=0, help="open the admin plane (faults, clock) there")
    say(
        "--dialect",
        action="append",
        default=[],
        choices=[*sorted(DIALECTS), "all"],
        help="speak this acquirer's protocol too, under /<name>; may be repeated",
    )
    return line


def settings_from(arguments: Sequence[str] | None) -> Settings:
    """Read the command line; what is not said keeps its default."""
    said = parser().parse_args(arguments)
    chosen = {
        name: value
        for name in (
            "retry_seconds",
            "refund_delay_seconds",
            "transfer_delay_seconds",
            "transfers_wait",
            "agreement_days",
            "split_delay_seconds",
            "split_percent_max",
            "slow_answer_seconds",
            "code_pause_seconds",
            "fee_rate",
        )
        if (value := getattr(said, name)) is not None
    }
    return Settings(
        data=said.data.resolve(),
        port=said.port,
        host=said.host,
        public_url=said.public_url,
        keys=said.keys.resolve() if said.keys else None,
        notify_hosts=frozenset({"127.0.0.1", "localhost", *said.merchant_notify_host}),
        admin_port=said.admin_port,
        merchant_notify_url=said.merchant_notify_url,
        dialects=tuple(DIALECTS) if "all" in said.dialect else tuple(dict.fromkeys(said.dialect)),
        **chosen,
    )


class SandboxServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with one process and several threads: one clerk, one set of books."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings; everything else is made in the worker, after the fork."""
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to run."""
        chosen: dict[str, Any] = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._settings.threads,
            "keepalive": 75,
            "timeout": 60,
            "graceful_timeout": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "proc_name": "sandbox-acquirer",
            # Several banks may run on one machine.
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Open the bank, let its clerk begin, and open the admin plane where one is wanted."""
        program, bank = open_program(self._settings)
        Clerk(bank).start()
        if self._settings.admin_port:
            _open_admin_plane(create_admin(bank), self._settings.admin_port)
        return program


def _open_admin_plane(admin: Flask, port: int) -> None:
    """Serve the admin plane from this process, to this machine only, whatever --host says."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", port, admin, threaded=True)
    threading.Thread(target=server.serve_forever, name="admin", daemon=True).start()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bank until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    SandboxServer(settings_from(arguments)).run()


if __name__ == "__main__":
    main()
