"""What acquirers can and cannot do, from their flags: one table for one account or for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from payments.acquiring.contract import (
    AgreementMode,
    BillDelivery,
    Capabilities,
    CloseMode,
    ConfigError,
    RefundMode,
    SplitMode,
    TransferMode,
)
from payments.admin.showing import NOTHING, Table, table
from payments.models import AcquirerAccount, Payment
from payments.services.accounts import adapter_of

_CLOSE: Final[dict[CloseMode, Promise]] = {
    CloseMode.API: _lazy("at once, when we ask"),
    CloseMode.LOCAL_TIMEOUT_ONLY: _lazy("only by itself, when its time is over"),
    CloseMode.NONE: _lazy("never"),
}
_REFUND: Final[dict[RefundMode, Promise]] = {
    RefundMode.SYNC: _lazy("the answer is final"),
    RefundMode.ASYNC: _lazy("the end is told later"),
}
_AGREEMENT: Final[dict[AgreementMode, Promise]] = {
    AgreementMode.NONE: _lazy("no"),
    AgreementMode.TOKEN: _lazy("yes, cards"),
    AgreementMode.MANDATE: _lazy("yes, an account of hers"),
}
_SPLIT: Final[dict[SplitMode, Promise]] = {
    SplitMode.NONE: _lazy("no"),
    SplitMode.AT_ORDER: _lazy("fixed when the payment begins"),
    SplitMode.AFTER_PAY: _lazy("after it is paid"),
}
_TRANSFER: Final[dict[TransferMode, Promise]] = {
    TransferMode.NONE: _lazy("no"),
    TransferMode.DIRECT: _lazy("yes"),
    TransferMode.USER_CONFIRM: _lazy("yes, each payee confirms"),
}
_BILL: Final[dict[BillDelivery, Promise]] = {
    BillDelivery.PULL: _lazy("we fetch them"),
    BillDelivery.PUSH: _lazy("they are brought to us"),
}


def _scenes(caps: Capabilities) -> str:
    return _names(Payment.Scene(scene).label for scene in sorted(caps.scenes))


def _purses(caps: Capabilities) -> str:
    return _names(Payment.Purse(purse).label for purse in sorted(caps.purses))


def _names(labels: Iterable[str | Promise]) -> str:
    return " · ".join(map(str, labels)) or NOTHING


def _refunds(caps: Capabilities) -> str:
    if not caps.refund_window_days:
        return _("no")
    how = [_("%(days)s days") % {"days": caps.refund_window_days}]
    how += [_("in parts")] if caps.partial_refund else []
    how += [_("several times")] if caps.multi_refund else []
    return _names([*how, _REFUND[caps.refund_mode]])


def _shares(caps: Capabilities) -> str:
    if caps.split is SplitMode.NONE:
        return str(_SPLIT[caps.split])
    limits = _("at most %(percent)s %% to %(receivers)s receivers") % {
        "percent": caps.split_max_percent,
        "receivers": caps.split_max_receivers,
    }
    back = _("can be taken back") if caps.split_return else _("cannot be taken back")
    return _names([_SPLIT[caps.split], limits, back])


def _bills(caps: Capabilities) -> str:
    if not caps.bill_kinds:
        return _("no")
    ready = caps.bill_ready_local_time
    at = [_("from %(time)s") % {"time": f"{ready:%H:%M}"}] if ready else []
    kept = [_("kept %(days)s days") % {"days": caps.bill_retention_days}]
    kinds = ", ".join(sorted(caps.bill_kinds))
    return _names(
        [kinds, _BILL[caps.bill_delivery], *at, *(kept if caps.bill_retention_days else ())]
    )


_ROWS: Final[tuple[tuple[str | Promise, Callable[[Capabilities], str]], ...]] = (
    (_lazy("where the payer stands"), _scenes),
    (_lazy("what she pays out of"), _purses),
    (_lazy("currencies"), lambda caps: ", ".join(sorted(caps.currencies))),
    (_lazy("an unpaid order is closed"), lambda caps: str(_CLOSE[caps.close])),
    (_lazy("refunds"), _refunds),
    (_lazy("tied cards"), lambda caps: str(_AGREEMENT[caps.agreement])),
    (_lazy("shares for suppliers and leaders"), _shares),
    (_lazy("payouts"), lambda caps: str(_TRANSFER[caps.transfer])),
    (_lazy("daily statements"), _bills),
)


def abilities_of(accounts: Iterable[AcquirerAccount], title: str | Promise) -> Table:
    """Return a table of what these accounts can do, a column each; nothing is sent."""
    shown = [(account.code, _caps(account)) for account in accounts]
    headers = ("", *(code for code, _caps_of in shown))
    rows = [
        [label, *(NOTHING if caps is None else words(caps) for _code, caps in shown)]
        for label, words in _ROWS
    ]
    return table(title, headers, rows)


def _caps(account: AcquirerAccount) -> Capabilities | None:
    """An account set up wrongly can do nothing anybody knows of."""
    try:
        return adapter_of(account).caps
    except ConfigError:
        return None
