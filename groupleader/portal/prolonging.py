"""By how much a leader may move her cut-off, in words."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import ngettext

PROLONG_HOURS: Final = (1, 2, 4, 24)


def prolong_choices() -> list[dict[str, Any]]:
    """Return by how much a leader may move her cut-off."""
    return [
        {"hours": hours, "text": ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}}
        for hours in PROLONG_HOURS
    ]
