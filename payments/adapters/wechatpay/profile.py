"""How an account at WeChat Pay is used: settings of its row, and the flags they make."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import time
from typing import Any, Final
from urllib.parse import urlsplit

from payments.acquiring.contract import (
    BillKind,
    Capabilities,
    CloseMode,
    ConfigError,
    NotifyKind,
    OrderNoRule,
    Purse,
    RefundMode,
    Scene,
    SplitMode,
    TransferMode,
)
from payments.acquiring.registry import Account

API_BASE: Final = "https://api.mch.weixin.qq.com"
BACKUP_BASE: Final = "https://api2.mch.weixin.qq.com"
# From this amount on (fen) WeChat Pay wants the payee's name, and compares it.
NAME_FROM_MINOR: Final = 200_000
SPLIT_PERCENT: Final = 30
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Profile:
    """See docs/adapters/wechatpay.md for each setting."""

    merchant_id: str
    appid: str
    base_url: str = API_BASE
    backup_url: str = ""
    is_test: bool = False
    h5: bool = False
    jsapi: bool = False
    app: bool = False
    profit_sharing: bool = False
    split_max_percent: int = SPLIT_PERCENT
    relation_type: str = "SUPPLIER"
    transfer_scene_id: str = ""
    transfer_reports: tuple[tuple[str, str], ...] = ()
    name_from_minor: int = NAME_FROM_MINOR
    payer_client_ip: str = "127.0.0.1"

    @classmethod
    def from_account(cls, account: Account) -> Profile:
        """Read an account's settings; ConfigError for one that is missing or makes no sense."""
        facts = account.settings
        try:
            profile = cls(
                merchant_id=str(facts["merchant_id"]),
                appid=str(facts["appid"]),
                base_url=str(facts.get("base_url") or API_BASE).rstrip("/"),
                backup_url=str(facts.get("backup_url") or "").rstrip("/"),
                is_test=bool(facts.get("is_test")),
                h5=bool(facts.get("h5")),
                jsapi=bool(facts.get("jsapi")),
                app=bool(facts.get("app")),
                profit_sharing=bool(facts.get("profit_sharing")),
                split_max_percent=int(str(facts.get("split_max_percent") or SPLIT_PERCENT)),
                relation_type=str(facts.get("relation_type") or "SUPPLIER"),
                transfer_scene_id=str(facts.get("transfer_scene_id") or ""),
                transfer_reports=_reports(facts.get("transfer_reports")),
                name_from_minor=int(str(facts.get("name_from_minor") or NAME_FROM_MINOR)),
                payer_client_ip=str(facts.get("payer_client_ip") or "127.0.0.1"),
            )
        except KeyError as error:
            raise ConfigError(f"account {account.code} lacks {error}") from error
        except ValueError as error:
            raise ConfigError(f"account {account.code} has a setting that is no number") from error
        if not profile.is_test and not profile.base_url.startswith("https://"):
            raise ConfigError(f"account {account.code} would send real payments in clear")
        _refuse_strange_backup(profile)
        return profile


def _refuse_strange_backup(profile: Profile) -> None:
    """Go to no second host but WeChat Pay's own, or one of this machine; ConfigError."""
    is_here = profile.is_test and urlsplit(profile.backup_url).hostname in _THIS_MACHINE
    if profile.backup_url not in {"", API_BASE, BACKUP_BASE} and not is_here:
        raise ConfigError(f"{profile.backup_url} is not an address of WeChat Pay")


def _reports(said: object) -> tuple[tuple[str, str], ...]:
    """Read what a transfer's scene has to be reported with: {"岗位类型": "…"} as JSON."""
    if not said:
        return ()
    found: Any = said
    if isinstance(said, str):
        try:
            found = json.loads(said)
        except ValueError as error:
            raise ConfigError("transfer_reports is not JSON") from error
    if not isinstance(found, dict):
        raise ConfigError("transfer_reports is not a JSON object")
    return tuple((str(name), str(text)) for name, text in found.items())


def capabilities_of(profile: Profile) -> Capabilities:
    """Say what an account can do: most of it has to be opened at WeChat Pay first."""
    offered = {Scene.H5: profile.h5, Scene.MINIPROGRAM: profile.jsapi, Scene.APP: profile.app}
    sharing, paying_out = profile.profit_sharing, bool(profile.transfer_scene_id)
    bills = {BillKind.TRADE, BillKind.FUND} | ({BillKind.SPLIT} if sharing else set())
    kinds = {NotifyKind.PAY, NotifyKind.REFUND, NotifyKind.ECHO}
    return Capabilities(
        scenes=frozenset({Scene.NATIVE_QR, *(s for s, is_on in offered.items() if is_on)}),
        purses=frozenset({Purse.WECHAT}),
        close=CloseMode.API,
        refund_mode=RefundMode.ASYNC,
        partial_refund=True,
        multi_refund=True,
        refund_window_days=365,
        notify_kinds=frozenset(kinds | ({NotifyKind.TRANSFER} if paying_out else set())),
        bill_kinds=frozenset(bills),
        bill_ready_local_time=time(10, 0),
        bill_retention_days=90,
        split=SplitMode.AFTER_PAY if sharing else SplitMode.NONE,
        split_max_percent=profile.split_max_percent if sharing else 0,
        split_max_receivers=50 if sharing else 0,
        split_return=sharing,
        transfer=TransferMode.USER_CONFIRM if paying_out else TransferMode.NONE,
        transfer_cancel=paying_out,
        order_no=OrderNoRule(r"[A-Za-z0-9_\-*|@]{6,32}", 32),
    )
