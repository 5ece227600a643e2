"""Starting, watching and stopping the programs that make up an installation."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_POLL_SECONDS = 0.05


def start(
    args: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, appending what it says to ``log``.

    On Linux the kernel ends it when the program that started it dies without a word (kill -9).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - every caller builds the list itself
            [str(part) for part in args],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            pass_fds=tuple(keep_fds),
            start_new_session=True,
            preexec_fn=_die_with_parent if _LIBC else None,  # noqa: PLW1509 - one thread at start
        )


def stop(process: subprocess.Popen[bytes], *, grace_seconds: float = 10) -> None:
    """Ask the whole process group to end; after ``grace_seconds`` end it."""
    stop_all([process], grace_seconds=grace_seconds)


def stop_all(running: Iterable[subprocess.Popen[bytes]], *, grace_seconds: float = 10) -> None:
    """Ask all of them to end at the same time; after ``grace_seconds`` end them."""
    groups = list(running)
    for process in groups:
        _signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    for process in groups:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
        # Also after a clean end: a child it forgot would keep a port.
        _signal_group(process, signal.SIGKILL)
        process.wait()


def is_free(port: int) -> bool:
    """Whether a server of ours could listen on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def answers(url: str) -> bool:
    """Whether the address answers with anything but a server error."""
    try:
        with urllib.request.urlopen(url, timeout=3) as reply:  # noqa: S310 - our own addresses
            return reply.status < 500
    except urllib.error.HTTPError as refusal:
        return refusal.code < 500
    except OSError:
        return False


def wait_for(is_true: Callable[[], object], *, seconds: float) -> bool:
    """Look again and again until it is true or ``seconds`` have passed; say which."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        pause(_POLL_SECONDS)
    return True


def pause(seconds: float) -> None:
    """Let time pass: for programs that watch other programs, never for a request."""
    time.sleep(seconds)  # noqa: TID251 - the one place where the house itself waits


def last_lines(log: Path, count: int) -> str:
    """The end of a log file, for showing to a person."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
