"""Whose sale it is: the operator's own, or that of sellers whose money an institution splits."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings


class FundsMode(StrEnum):
    """How the operator stands to the goods; decides what collecting them books."""

    SELF_OPERATED = "SELF_OPERATED"
    SPLIT = "SPLIT"


def funds_mode() -> FundsMode:
    """Return the mode this installation runs in; ValueError for a word that is neither."""
    return FundsMode(settings.LINLI_FUNDS_MODE)
