"""One line per step for the operator, and the error that says what was expected and what came."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TextIO, TypeVar

from mall.config import processes

_LOOK_EVERY_SECONDS: Final = 1.0
_SAY_EVERY_SECONDS: Final = 10.0
Seen = TypeVar("Seen")


class StepFailedError(Exception):
    """A step that is not as it should be."""

    def __init__(self, what: str, expected: object, came: object) -> None:
        """Say what was looked at, what should have been there and what was."""
        super().__init__(f"{what}\n      expected: {expected}\n      came:     {came}")


class Teller:
    """Writes the lines."""

    def __init__(self, out: TextIO) -> None:
        """Write to a terminal or a log."""
        self._out = out
        self.steps = 0

    def done(self, who: str, what: str) -> None:
        """Say that a step came out as it should."""
        self.steps += 1
        self._line(f"ok {self.steps:2}  {who:9} {what}")

    def until(self, what: str, look: Callable[[], Seen], *, seconds: float) -> Seen:
        """Look again until it is so; say from time to time what is waited for."""
        began = time.monotonic()
        said = began
        while not (seen := look()):
            at = time.monotonic()
            if at - began > seconds:
                raise StepFailedError(what, f"within {seconds:.0f} seconds", "not yet")
            if at - said > _SAY_EVERY_SECONDS:
                said = at
                self._line(f"   …  waiting for {what} ({at - began:.0f} s)")
            processes.pause(_LOOK_EVERY_SECONDS)
        return seen

    def _line(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()


def expect(what: str, *, came: Any, expected: Any) -> None:
    """Raise StepFailedError unless both are the same."""
    if came != expected:
        raise StepFailedError(what, expected, came)
