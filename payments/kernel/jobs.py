"""Work that runs by itself: what each floor hands to whoever runs the jobs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of work due every so many seconds.

    ``function`` is the dotted path of a callable that takes the largest number of rows to touch as
    its only argument (``limit``), is safe to run twice and at the same time elsewhere, and returns
    how many rows it touched per outcome, for example ``{"sent": 3, "failed": 1}``.
    """

    name: str
    every_seconds: int
    function: str
    limit: int = 100

    def __post_init__(self) -> None:
        """A job is named by its floor and what it does, and never runs all the time."""
        if "." not in self.name:
            raise ValueError(f"{self.name!r}: a job is named floor.what_it_does")
        if self.every_seconds < 1:
            raise ValueError(f"{self.name}: every_seconds is at least 1, not {self.every_seconds}")
