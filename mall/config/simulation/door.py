"""Our door for the bank's notices: raw bytes in, the answer out; behind it a process may die."""

from __future__ import annotations

from typing import Final

import structlog
from django.db import connection

from mall.config.simulation.crashes import Crashes
from mall.config.simulation.trace import Trace
from payments.acquiring.contract import RawHttp
from payments.acquiring.rehearsal import Carried
from payments.services.notifications import UnknownAccountError, receive_notification

log = structlog.get_logger(__name__)
_NOBODY: Final = Carried(headers={}, body=b"", status=0)


class Door:
    """Takes notices as the web server does; status 0 is a line that broke."""

    def __init__(self, crashes: Crashes, trace: Trace) -> None:
        """Stand at the door."""
        self._crashes = crashes
        self._trace = trace

    def hear(self, told: Carried) -> Carried:
        """Take one notice in."""
        return self._crashes.survive(lambda: self._hear(told), died=_NOBODY)

    def _hear(self, told: Carried) -> Carried:
        raw = RawHttp(
            method=told.method,
            path=told.target,
            query=b"",
            headers={name.lower(): value for name, value in told.headers.items()},
            body=told.body,
        )
        account = told.target.rstrip("/").rsplit("/", 1)[-1]
        try:
            reply = receive_notification(account, raw)
        except UnknownAccountError:
            return Carried(headers={}, body=b"", status=404)
        except Exception as error:
            # The web server answers 500; the play must see why.
            self._trace.tell("door", f"breaks: {type(error).__name__}: {error}")
            self.broken = error
            log.exception("play.door_broke")
            connection.close()
            return Carried(headers={}, body=b"", status=500)
        return Carried(headers={}, body=reply.body, status=reply.status)
