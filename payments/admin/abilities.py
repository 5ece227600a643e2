"""What acquirers can and cannot do, from their flags: one table for one account or for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
    CloseMode.API: _("at once, when we ask"),
    CloseMode.LOCAL_TIMEOUT_ONLY: _("only by itself, when its time is over"),
    CloseMode.NONE: _("never"),
}
_REFUND: Final[dict[RefundMode, Promise]] = {
    RefundMode.SYNC: _("the answer is final"),
    RefundMode.ASYNC: _("the end is told later"),
}
_AGREEMENT: Final[dict[AgreementMode, Promise]] = {
    AgreementMode.NONE: _("no"),
    AgreementMode.TOKEN: _("yes, cards"),
    AgreementMode.MANDATE: _("yes, an account of hers"),
}
_SPLIT: Final[dict[SplitMode, Promise]] = {
    SplitMode.NONE: _("no"),
    SplitMode.AT_ORDER: _("fixed when the payment begins"),
    SplitMode.AFTER_PAY: _("after it is paid"),
}
_TRANSFER: Final[dict[TransferMode, Promise]] = {
    TransferMode.NONE: _("no"),
    TransferMode.DIRECT: _("yes"),
    TransferMode.USER_CONFIRM: _("yes, each payee confirms"),
}
_BILL: Final[dict[BillDelivery, Promise]] = {
    BillDelivery.PULL: _("we fetch them"),
    BillDelivery.PUSH: _("they are brought to us"),
}


def _scenes(caps: Capabilities) -> str:
    return _names(Payment.Scene(scene).label for scene in sorted(caps.scenes))


def _purses(caps: Capabilities) -> str:
    return _names(Payment.Purse(purse).label for purse in sorted(caps.purses))


def _names(labels: Iterable[str | Promise]) -> str:
    return " · ".join(map(str, labels)) or NOTHING


def _refunds(caps: Capabilities) -> str:
    if not caps.refund_window_days:
        return gettext("no")
    how = [gettext("%(days)s days") % {"days": caps.refund_window_days}]
    how += [gettext("in parts")] if caps.partial_refund else []
    how += [gettext("several times")] if caps.multi_refund else []
    return _names([*how, _REFUND[caps.refund_mode]])


def _shares(caps: Capabilities) -> str:
    if caps.split is SplitMode.NONE:
        return str(_SPLIT[caps.split])
    limits = gettext("at most %(percent)s %% to %(receivers)s receivers") % {
        "percent": caps.split_max_percent,
        "receivers": caps.split_max_receivers,
    }
    back = gettext("can be taken back") if caps.split_return else gettext("cannot be taken back")
    return _names([_SPLIT[caps.split], limits, back])


def _bills(caps: Capabilities) -> str:
    if not caps.bill_kinds:
        return gettext("no")
    ready = caps.bill_ready_local_time
    at = [gettext("from %(time)s") % {"time": f"{ready:%H:%M}"}] if ready else []
    kept = [gettext("kept %(days)s days") % {"days": caps.bill_retention_days}]
    kinds = ", ".join(sorted(caps.bill_kinds))
    return _names(
        [kinds, _BILL[caps.bill_delivery], *at, *(kept if caps.bill_retention_days else ())]
    )


_ROWS: Final[tuple[tuple[str | Promise, Callable[[Capabilities], str]], ...]] = (
    (_("where the payer stands"), _scenes),
    (_("what she pays out of"), _purses),
    (_("currencies"), lambda caps: ", ".join(sorted(caps.currencies))),
    (_("an unpaid order is closed"), lambda caps: str(_CLOSE[caps.close])),
    (_("refunds"), _refunds),
    (_("tied cards"), lambda caps: str(_AGREEMENT[caps.agreement])),
    (_("shares for suppliers and leaders"), _shares),
    (_("payouts"), lambda caps: str(_TRANSFER[caps.transfer])),
    (_("daily statements"), _bills),
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
