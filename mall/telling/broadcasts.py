"""A leader's own words to the neighbours of a group: written down for each, once."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse

from mall.messaging.selectors import BatchFigures, figures_of_batches
from mall.messaging.sending import Note, send_many

__all__ = ["BatchFigures", "figures_of_batches", "tell_neighbours"]


def tell_neighbours(
    resident_ids: Collection[int], *, batch: str, leader: str, group: str, text: str, code: str
) -> int:
    """Write a leader's words down for these neighbours, in the caller's transaction.

    ``batch`` is the mark they are counted under, ``code`` the share code of the group they are led
    to. Whoever was told under this mark is not told again. Return how many were told now.
    """
    notes = [
        Note(
            key=f"{batch}:{resident_id}",
            user_id=resident_id,
            values={"leader": leader, "group": group, "text": text},
            link=reverse("storefront:group", args=[code]),
            batch=batch,
        )
        for resident_id in resident_ids
    ]
    return send_many("group.broadcast", notes)
