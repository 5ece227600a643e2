"""A job that dies by kill -9 in the middle of the cut-off: run as a program by test_cutoff_killed.

Its argument is how many statements of the settling it survives; what it has not committed is gone.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from mall.ordering.cutoff import cut_due  # noqa: E402

_left = int(sys.argv[1])


def die_in_time(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Count what writes; kill this very process, as nothing can be caught of, at the last one."""
    global _left  # noqa: PLW0603 - a program of one function
    if sql.startswith(("INSERT", "UPDATE")):
        _left -= 1
        if _left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, *rest)


with connection.execute_wrapper(die_in_time):
    cut_due(100)
sys.stdout.write("done\n")
