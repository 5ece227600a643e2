"""A carrier whose line is dead."""

from __future__ import annotations

from mall.accounts.errors import SmsNotSentError


class Nobody:
    """Never brings anything anywhere."""

    def send(self, *, phone: str, text: str) -> None:
        """Refuse every message."""
        raise SmsNotSentError
