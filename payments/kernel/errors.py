"""How we refuse: a stable code for programs, a sentence for people, the numbers a screen needs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class LinliError(Exception):
    """A refusal that a person can act on. Subclasses fix code, HTTP status and the sentence."""

    code: ClassVar[str] = "refused"
    http_status: ClassVar[int] = 409
    message: ClassVar[str | Promise] = _("This is not possible right now.")

    def __init__(self, message: str | Promise | None = None, **data: Any) -> None:
        """Take a sentence where the class's is too general, and the figures beside it."""
        self.user_message = message if message is not None else self.message
        self.data = data
        super().__init__(f"{self.code} {data}" if data else self.code)


class IllegalTransitionError(LinliError):
    """A status may not move along this edge."""

    code = "illegal_transition"
    message = _("This step is not possible in the present state. Please reload the page.")


class NotInTransactionError(RuntimeError):
    """A programming error: this must be part of the transaction that makes it true."""
