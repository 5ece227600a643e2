"""What every voucher page of the admin shares: amounts, colours, rows nobody edits, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final

import structlog
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from mall.banks.scope import owned_by
from mall.vouchers.models import Voucher, VoucherBatch
from payments.admin.spreadsheets import spreadsheet
from payments.api import LinliError, Money, local, now

log = structlog.get_logger(__name__)

BATCH_COLOURS: Final = {
    VoucherBatch.State.DRAFT: "info",
    VoucherBatch.State.ACTIVE: "success",
    VoucherBatch.State.PAUSED: "warning",
    VoucherBatch.State.EXHAUSTED: "warning",
    VoucherBatch.State.ENDED: "",
}
VOUCHER_COLOURS: Final = {
    Voucher.State.HELD: "success",
    Voucher.State.RETURNED: "success",
    Voucher.State.LOCKED: "warning",
    Voucher.State.USED: "info",
    Voucher.State.EXPIRED: "",
    Voucher.State.FORFEITED: "danger",
}


def yuan(minor: int | None) -> str:
    """2080 -> "¥20.80", nothing -> "–"."""
    return "–" if minor is None else f"¥{Money(minor).to_major_str()}"


class Scoped(ModelAdmin):
    """Rows of which a bank's people see those of their unit and below; `through` leads there."""

    through: ClassVar[str] = "owner"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show what belongs to her unit and those below."""
        return owned_by(super().get_queryset(request), request.user, through=self.through)


class LookUpOnly(Scoped):
    """Rows that services write: found and read here, never added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


def do_each(request: HttpRequest, rows: Iterable[Model], act: Callable[[Any], Any]) -> None:
    """Do something to each row; say how many went well, and what each refusal says."""
    count = 0
    for row in rows:
        try:
            act(row)
        except LinliError as refusal:
            messages.error(request, f"{row}: {refusal.user_message}")
        else:
            count += 1
    if count:
        text = ngettext("%(count)d done.", "%(count)d done.", count) % {"count": count}
        messages.success(request, text)


def as_file(
    form: str, *, name: str, by: str, headers: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """Return rows as CSV or xlsx, named with the moment; who took them is in the log."""
    log.info("vouchers.exported", name=name, form=form, by=by)
    stamp = f"{local(now()):%Y%m%d-%H%M}"
    texts = [str(header) for header in headers]
    return spreadsheet(form, name=f"{name}-{stamp}", headers=texts, rows=rows)
