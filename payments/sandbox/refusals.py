"""How the bank says no: a stable code, an HTTP status, a sentence in both languages."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818  a bank refuses; that is no error of its program
    """A request is refused; nothing was executed unless the code says otherwise."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Carry the code a program acts on and the sentence a person reads."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.detail = dict(detail or {})
