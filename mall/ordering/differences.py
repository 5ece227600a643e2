"""Where a bank gave another discount than quoted (D7): looked at by staff, with a word on each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mall.accounts.models import User
from mall.ordering.models import OrderDiscount
from payments.api import LinliError, now


class NoWordError(LinliError):
    """A difference is noted with a word on it."""

    code = "no_word"
    http_status = 400
    message = _("Please say what you found out about it.")


def note_difference(*, discount_id: int, by: User, note: str) -> bool:
    """Write down who looked at a difference and what she found; later words replace earlier ones.

    False where nothing differs. NoWordError without a word.
    """
    if not note.strip():
        raise NoWordError
    rows = OrderDiscount.differing().filter(pk=discount_id)
    return bool(rows.update(noted_at=now(), noted_by=by, note=note.strip()[:200]))


def note_all(*, discount_ids: list[int], by: User) -> int:
    """Mark several differences as looked at that nobody looked at yet; return how many."""
    rows = OrderDiscount.differing().filter(pk__in=discount_ids, noted_at=None)
    return rows.update(noted_at=now(), noted_by=by)
