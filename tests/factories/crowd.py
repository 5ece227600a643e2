"""Many people doing the same thing at the same moment, each with a connection of her own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections


def all_at_once(actions: list[Callable[[], Any]]) -> list[Any]:
    """Run each action in its own thread, all started together; return what came of each."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return action()
        except Exception as error:  # noqa: BLE001 - what it raised is the result
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as crowd:
        return list(crowd.map(run, actions))
