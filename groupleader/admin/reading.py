"""What every money table of the admin shares: read only, amounts in yuan, refusals in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from payments.api import LinliError, Money


def yuan(minor: int | None) -> str:
    """2080 -> "¥20.80", -490 -> "−¥4.90", nothing -> "–"."""
    if minor is None:
        return "–"
    sign = "−" if minor < 0 else ""
    return f"{sign}¥{Money(abs(minor)).to_major_str()}"


class MoneyAdmin(ModelAdmin):
    """Rows that services write and nobody edits: looked at, never added, changed or deleted."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: rows come from facts."""
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: corrections are new rows."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: nothing near money is deleted."""
        return False


def do_each(
    request: HttpRequest,
    rows: Iterable[Model],
    act: Callable[[Any], Any],
    *,
    then: Callable[[Model], Any] | None = None,
) -> None:
    """Do an action to each row; say how many went well, and what each refusal says."""
    count = 0
    for row in rows:
        try:
            act(row)
        except LinliError as refusal:
            messages.error(request, f"{row}: {refusal.user_message}")
        else:
            count += 1
            if then is not None:
                then(row)
    if count:
        text = ngettext("%(count)d done.", "%(count)d done.", count) % {"count": count}
        messages.success(request, text)


def number(object_id: str) -> int:
    """Read the number in an address; 0, which nobody has, for anything else."""
    is_number = object_id.isascii() and object_id.isdigit() and len(object_id) < 10
    return int(object_id) if is_number else 0
