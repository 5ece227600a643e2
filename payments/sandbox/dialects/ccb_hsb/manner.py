"""How market pay's answers are spoiled, where a rule asks for it."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from flask import Response

from payments.sandbox.core.bills import yuan
from payments.sandbox.dialects.ccb.speech import fen
from payments.sandbox.dialects.ccb_hsb import paper
from payments.sandbox.web import mishaps

if TYPE_CHECKING:
    from payments.sandbox.dialects.ccb_hsb.door import HsbDoor


class Manner:
    """How this platform's answers are spoiled, and signed anew where they would be."""

    def __init__(self, door: HsbDoor) -> None:
        """Take the platform's key."""
        self._door = door

    def fail(self, response: Response) -> None:
        """Answer 500."""
        response.status_code = 500
        mishaps.say_instead(response, b"system busy")

    def add_to_amount(self, response: Response, minor: int) -> None:
        """Change the amounts it speaks of."""
        said = json.loads(response.get_data())
        for name in ("Ordr_Amt", "Txnamt", "Rfnd_Amt"):
            if said.get(name):
                said[name] = yuan(fen(said[name]) + minor)
        mishaps.say_instead(response, paper.written(said, self._door.key).get_data())

    def speak_of_another(
        self, response: Response, asked: mishaps.Asked, other: sqlite3.Row | None
    ) -> None:
        """Name another order, or a made-up number."""
        said = json.loads(response.get_data())
        name = "Main_Ordr_No" if asked.payment_no else "Cust_Rfnd_Trcno"
        said[name] = other["our_no"] if other is not None else f"OTHER{str(said.get(name))[5:]}"
        mishaps.say_instead(response, paper.written(said, self._door.key).get_data())

    def spoil_signature(self, response: Response) -> None:
        """Sign with another key."""
        said = json.loads(response.get_data())
        other = paper.written(said, self._door.other_key)
        mishaps.say_instead(response, other.get_data())
