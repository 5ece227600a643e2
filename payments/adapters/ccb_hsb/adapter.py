"""Market pay behind the common face: orders shared out when they begin, refunds, its messages."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from payments.acquiring.capabilities import AmountUnit, Purse
from payments.acquiring.contract import (
    Capabilities,
    CloseMode,
    ConfigError,
    NextStep,
    NotifyKind,
    OrderNoRule,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    PayResult,
    RefundMode,
    RefundRef,
    RefundRequest,
    RefundResult,
    Scene,
    SplitMode,
    StepKind,
)
from payments.adapters.ccb_hsb.codes import DONE, NO_ORDER, raise_refusal
from payments.adapters.ccb_hsb.line import Market
from payments.adapters.ccb_hsb.notices import NoticeMethods
from payments.adapters.ccb_hsb.pushed import PushedBillMethods
from payments.adapters.ccb_hsb.reading import read_payment, read_refund
from payments.kernel.clock import now

_WAYS: Final = {Scene.NATIVE_QR: "07", Scene.H5: "03", Scene.MINIPROGRAM: "05"}
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.\-]{1,20}:[\x21-\x7e]{1,900}", re.ASCII)
_REFUND_DAYS: Final = 155
_RECEIVERS_MAX: Final = 20
_SECONDS_MIN: Final = 60


def capabilities_of(market: Market | None) -> Capabilities:
    """Return what a market's account can do. Sharing is fixed when an order begins."""
    mini = {Scene.MINIPROGRAM} if market is not None and market.sub_appid else set()
    return Capabilities(
        scenes=frozenset({Scene.NATIVE_QR, Scene.H5, *mini}),
        purses=frozenset({Purse.BANK_APP, Purse.WECHAT, Purse.ALIPAY, Purse.UNIONPAY}),
        close=CloseMode.LOCAL_TIMEOUT_ONLY,
        refund_mode=RefundMode.ASYNC,
        partial_refund=True,
        multi_refund=True,
        refund_window_days=_REFUND_DAYS,
        notify_kinds=frozenset({NotifyKind.PAY, NotifyKind.REFUND}),
        notifications_need_query=True,
        split=SplitMode.AT_ORDER,
        split_max_percent=100,
        split_max_receivers=_RECEIVERS_MAX,
        order_no=OrderNoRule(r"[A-Za-z0-9]+", 40),
        amount_unit=AmountUnit.MAJOR,
    )


class HsbAdapter(NoticeMethods, PushedBillMethods):
    """Speaks with 惠市宝: docs/adapters/ccb_hsb.md."""

    def __init__(self, *, account_code: str, market: Market) -> None:
        """Take our market; what it can do follows."""
        super().__init__(account_code=account_code, market=market)
        self.caps = capabilities_of(market)

    def create(self, request: PayRequest) -> PayResult:
        """Open an order (gatherPlaceorder), its shares with it; DeclinedError, AlreadyDoneError."""
        self._require_scene(request.scene)
        said = self._demand("gatherPlaceorder", "5", self._order(request))
        if said.get("Main_Ordr_No") != request.payment_no or not said.get("Py_Trn_No"):
            raise OutcomeUnknownError("market pay answered about another order")
        return PayResult(
            outcome=Outcome.REQUIRES_ACTION,
            payment_no=request.payment_no,
            acquirer_no=str(said["Py_Trn_No"])[:64],
            expires_at=request.expires_at,
            step=_step(request, said),
            raw={"Prim_Ordr_No": str(said.get("Prim_Ordr_No") or "")},
        )

    def query(self, ref: PayRef) -> PayResult:
        """Ask by our number (gatherEnquireOrder)."""
        said = self._ask("gatherEnquireOrder", "5", {"Main_Ordr_No": ref.payment_no})
        if said["Svc_Rsp_St"] != DONE and str(said.get("Svc_Rsp_Cd")) in NO_ORDER:
            return PayResult(Outcome.NOT_FOUND, ref.payment_no)
        self._refuse(said)
        result = read_payment(said, merchant_id=self.merchant_id)
        if result.payment_no != ref.payment_no:
            raise OutcomeUnknownError("market pay answered about another order")
        return result

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back (refundOrder): one number is one refund, the platform promises."""
        paid_as = request.acquirer_no or self.query(PayRef(request.payment_no)).acquirer_no
        said = self._demand(
            "refundOrder",
            "3",
            {
                "Cust_Rfnd_Trcno": request.refund_no,
                "Py_Trn_No": paid_as,
                "Rfnd_Amt": request.amount.to_major_str(),
            },
        )
        return self._refund_of(said, request.refund_no)

    def query_refund(self, ref: RefundRef) -> RefundResult:
        """Ask by our refund number (enquireRefundOrder)."""
        said = self._demand("enquireRefundOrder", "4", {"Cust_Rfnd_Trcno": ref.refund_no})
        result = self._refund_of(said, ref.refund_no)
        if result.outcome is Outcome.NOT_FOUND:
            return RefundResult(Outcome.NOT_FOUND, ref.refund_no, ref.payment_no)
        return result

    def confirm_arrival(self, ref: PayRef) -> None:
        """Say that the goods have arrived (mergeNoticeArrival): the shares are paid out now.

        Without it a share waits, a hundred days at most. Saying it twice is saying it once.
        """
        self._demand("mergeNoticeArrival", "4", {"Prim_Ordr_No": ref.acquirer_no})

    def _order(self, request: PayRequest) -> dict[str, Any]:
        if request.amount.currency != "CNY":
            raise ConfigError("market pay takes yuan only")
        total = request.amount.to_major_str()
        seconds = int((request.expires_at - now()).total_seconds())
        sub: dict[str, Any] = {
            "Mkt_Mrch_Id": self._market.seller_id,
            "Cmdty_Ordr_No": request.payment_no,
            "Ordr_Amt": total,
            "Txnamt": total,
        }
        if request.shares:
            self._check_shares(request)
            sub["Parlist"] = [
                {"Seq_No": str(no), "Mkt_Mrch_Id": s.receiver, "Amt": s.amount.to_major_str()}
                for no, s in enumerate(request.shares, start=1)
            ]
        order: dict[str, Any] = {
            "Main_Ordr_No": request.payment_no,
            "Pymd_Cd": _WAYS[request.scene],
            "Py_Ordr_Tpcd": "04",
            "Ccy": "156",
            "Ordr_Tamt": total,
            "Txn_Tamt": total,
            "Pay_Dsc": request.subject[:60],
            "Order_Time_Out": str(max(_SECONDS_MIN, seconds)),
            "Orderlist": [sub],
        }
        if request.scene is Scene.H5:
            order["Pgfc_Ret_Url_Adr"] = request.return_url
        if request.scene is Scene.MINIPROGRAM:
            if not request.payer_id:
                raise ConfigError("a mini program payment wants the payer's open id")
            order |= {"Sub_Appid": self._market.sub_appid, "Sub_Openid": request.payer_id}
        return order

    def _check_shares(self, request: PayRequest) -> None:
        """Shares name each receiver once and add up to the order; ConfigError."""
        receivers = [share.receiver for share in request.shares]
        total = sum(share.amount.minor for share in request.shares)
        is_small = len(receivers) <= _RECEIVERS_MAX
        if len(set(receivers)) != len(receivers) or not is_small or total != request.amount.minor:
            raise ConfigError("an order's shares name each receiver once and add up to it")

    def _demand(self, api: str, version: str, fields: dict[str, Any]) -> dict[str, Any]:
        said = self._ask(api, version, fields)
        self._refuse(said)
        return said

    def _refuse(self, said: dict[str, Any]) -> None:
        if said["Svc_Rsp_St"] != DONE:
            raise_refusal(str(said.get("Svc_Rsp_Cd") or ""), str(said.get("Rsp_Inf") or ""))

    def _refund_of(self, said: dict[str, Any], refund_no: str) -> RefundResult:
        result = read_refund(said, merchant_id=self.merchant_id)
        if result.refund_no != refund_no:
            raise OutcomeUnknownError("market pay answered about another refund")
        return result


def _step(request: PayRequest, said: dict[str, Any]) -> NextStep:
    """Read where the payer goes; OutcomeUnknownError for an answer without it."""
    until = request.expires_at
    if request.scene is Scene.MINIPROGRAM:
        try:
            given = json.loads(str(said.get("Rtn_Par_Data") or ""))
            fields = {str(name): str(value) for name, value in given.items()}
        except (ValueError, AttributeError) as error:
            raise OutcomeUnknownError("the order has nothing to pay with") from error
        return NextStep(StepKind.SDK_PAYLOAD, fields=fields, expires_at=until)
    is_code = request.scene is Scene.NATIVE_QR
    url = str(said.get("Pay_Qr_Code" if is_code else "Cshdk_Url") or "")
    if not _ADDRESS.fullmatch(url):
        raise OutcomeUnknownError("the order has no place to pay at")
    kind = StepKind.QR_CODE if is_code else StepKind.REDIRECT
    return NextStep(kind, url, expires_at=until)
