"""China Construction Bank behind the common face: what it promises, and which part does it."""

from __future__ import annotations

from datetime import time

from payments.acquiring.capabilities import AmountUnit, Purse
from payments.acquiring.contract import (
    BillKind,
    Capabilities,
    CloseMode,
    ConfigError,
    NotifyKind,
    OrderNoRule,
    PayRequest,
    PayResult,
    RefundMode,
    Scene,
)
from payments.adapters.ccb.asking import AskMethods
from payments.adapters.ccb.bill_methods import BillMethods
from payments.adapters.ccb.notices import NoticeMethods
from payments.adapters.ccb.paying import ORDER_NO_MAX, PayMethods, scenes_of
from payments.adapters.ccb.profile import Keys, Profile
from payments.adapters.ccb.refunding import RefundMethods
from payments.adapters.ccb.scanning import ScanMethods

# Statements keep this many days at the bank's outreach client (uncertain).
_BILL_DAYS = 90


def capabilities_of(profile: Profile) -> Capabilities:
    """Return what an account can do: without an outreach client no refunds and no statements."""
    has_sidecar = bool(profile.sidecar_url)
    return Capabilities(
        scenes=scenes_of(h5=profile.h5, sub_appid=profile.sub_appid),
        purses=frozenset({Purse.BANK_APP, Purse.WECHAT, Purse.ALIPAY, Purse.UNIONPAY}),
        close=CloseMode.LOCAL_TIMEOUT_ONLY,
        refund_mode=RefundMode.ASYNC,
        partial_refund=has_sidecar,
        multi_refund=has_sidecar,
        refund_window_days=profile.refund_window_days if has_sidecar else 0,
        notify_kinds=frozenset({NotifyKind.PAY}),
        notifications_need_query=True,
        bill_kinds=frozenset({BillKind.TRADE}) if has_sidecar else frozenset(),
        bill_ready_local_time=time(9, 0) if has_sidecar else None,
        bill_retention_days=_BILL_DAYS if has_sidecar else 0,
        order_no=OrderNoRule(r"[A-Za-z0-9]+", ORDER_NO_MAX),
        amount_unit=AmountUnit.MAJOR,
    )


class CcbAdapter(PayMethods, ScanMethods, AskMethods, RefundMethods, BillMethods, NoticeMethods):
    """Speaks with CCBIS, and with the outreach client where there is one: docs/adapters/ccb.md."""

    def __init__(self, *, account_code: str, profile: Profile, keys: Keys) -> None:
        """Take our shop and its keys; what it can do follows."""
        super().__init__(account_code=account_code, profile=profile, keys=keys)
        self.caps = capabilities_of(profile)

    def create(self, request: PayRequest) -> PayResult:
        """Open a payment in the scene that is asked for; ConfigError for another currency."""
        self._require_scene(request.scene)
        if request.amount.currency != "CNY":
            raise ConfigError("the bank's gateway takes yuan only")
        if request.scene is Scene.NATIVE_QR:
            return self.open_code(request)
        if request.scene is Scene.BARCODE:
            return self.pay_scanned(request)
        if request.scene is Scene.MINIPROGRAM:
            return self.open_mini_program(request)
        return self.open_page(request)
