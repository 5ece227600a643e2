"""The bank's clock, to be read and moved."""

from __future__ import annotations

from flask import Flask, Response

from payments.sandbox import clock
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.admin.desk import said, text, whole
from payments.sandbox.web.answers import answer


def clock_routes(admin: Flask) -> None:
    """Add /_clock."""

    @admin.get("/_clock")
    def show() -> Response:
        return answer(_shown())

    @admin.post("/_clock")
    def move() -> Response:
        command = said()
        if "offset_seconds" in command:
            clock.set_offset(whole(command, "offset_seconds"))
        elif "now" in command:
            clock.set_now(clock.from_text(text(command, "now"), name="now"))
        else:
            raise Refusal("PARAM_ERROR", "say offset_seconds or now")
        return answer(_shown())


def _shown() -> dict[str, object]:
    return {"now": clock.to_text(clock.now_ms()), "offset_seconds": clock.offset_seconds()}
