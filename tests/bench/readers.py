"""Many readers of one page of a running server: how many answers a second, how late, how dear."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

READERS = 8
WARM_SECONDS, SECONDS = 2.0, 8.0
_HEADERS = {"Accept-Encoding": "gzip", "Accept-Language": "zh-CN", "User-Agent": "linli-bench"}


@dataclass(frozen=True)
class Server:
    """A server of its own process group."""

    address: str
    group: int

    @property
    def cpu_seconds(self) -> float:
        """Seconds all its processes have spent on a processor."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue  # it ended meanwhile
            if int(words[2]) == self.group:
                ticks += int(words[11]) + int(words[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def read(
    server: Server, page: str, path: str, headers: Mapping[str, str] | None = None
) -> dict[str, float | str]:
    """Let eight readers ask for a page again and again; every answer must be 200."""
    asked = {**_HEADERS, **(headers or {})}
    _crowd(server, path, asked, WARM_SECONDS)
    cpu, started = server.cpu_seconds, time.monotonic()
    answers = _crowd(server, path, asked, SECONDS)
    took, spent = time.monotonic() - started, server.cpu_seconds - cpu
    late = sorted(seconds for seconds, _size in answers)
    return {
        "page": page,
        "per_second": len(late) / took,
        "p50": 1000 * late[len(late) // 2],
        "p95": 1000 * late[len(late) * 95 // 100],
        "cpu_ms": 1000 * spent / len(late),
        "kib": answers[-1][1] / 1024,
    }


def _crowd(
    server: Server, path: str, headers: Mapping[str, str], seconds: float
) -> list[tuple[float, int]]:
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(READERS) as crowd:
        readers = [crowd.submit(_reader, server, path, headers, until) for _ in range(READERS)]
        return [answer for reader in readers for answer in reader.result()]


def _reader(
    server: Server, path: str, headers: Mapping[str, str], until: float
) -> list[tuple[float, int]]:
    """Return how long each answer took (seconds) and how large it was (bytes)."""
    line, answers = http.client.HTTPConnection(server.address, timeout=30), []
    while time.monotonic() < until:
        started = time.monotonic()
        line.request("GET", path, headers=dict(headers))
        answer = line.getresponse()
        size = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        answers.append((time.monotonic() - started, size))
    line.close()
    return answers
