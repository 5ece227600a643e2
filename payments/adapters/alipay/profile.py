"""How an account at Alipay is used: settings of the account's row, see docs/adapters/alipay.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import Account

GATEWAY: Final = "https://openapi.alipay.com"
# Where Alipay lays its statements; further hosts are a setting.
BILL_HOSTS: Final = ("dwbillcenter.alipay.com", "dwbillcenter.alipaydev.com")
_APP_ID: Final = re.compile(r"[0-9]{10,32}")
_SELLER_ID: Final = re.compile(r"2088[0-9]{12}")
_TEST_HOSTS: Final = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Profile:
    """What was agreed with Alipay for one account, and the settings nobody can guess."""

    app_id: str
    seller_id: str
    base_url: str = GATEWAY
    # "wap" for telephones, "page" for the desktop's page.
    page: str = "wap"
    app: bool = False
    mini_program: bool = False
    op_app_id: str = ""
    # 商家扣款 (周期扣款): what was signed with Alipay.
    agreement: bool = False
    personal_product_code: str = "GENERAL_WITHHOLDING_P"
    product_code: str = "GENERAL_WITHHOLDING"
    sign_scene: str = ""
    channel: str = "ALIPAYAPP"
    royalty: bool = False
    split_max_percent: int = 30
    transfer: bool = False
    bill_hosts: tuple[str, ...] = BILL_HOSTS
    # Whether what Alipay keeps stands in 服务费（元） with a minus.
    fee_is_negative: bool = True
    notice_fresh_seconds: int = 300
    is_test: bool = False

    @classmethod
    def from_account(cls, account: Account) -> Profile:
        """Read an account's settings; ConfigError for numbers that cannot be Alipay's."""
        said = account.settings
        app_id, seller_id = str(said.get("app_id", "")), str(said.get("merchant_id", ""))
        if not _APP_ID.fullmatch(app_id) or not _SELLER_ID.fullmatch(seller_id):
            raise ConfigError(f"account {account.code} lacks app_id, or merchant_id (2088…)")
        base_url = str(said.get("base_url") or GATEWAY)
        page = str(said.get("page", "wap"))
        if page not in {"wap", "page"}:
            raise ConfigError(f"account {account.code} has no page {page!r}; wap or page")
        texts = ("op_app_id", "personal_product_code", "product_code", "sign_scene", "channel")
        flags = ("app", "mini_program", "agreement", "royalty", "transfer")
        return cls(
            app_id=app_id,
            seller_id=seller_id,
            base_url=base_url,
            page=page,
            split_max_percent=_whole(account, "split_max_percent", 30, at_most=100),
            notice_fresh_seconds=_whole(account, "notice_fresh_seconds", 300, at_most=108_000),
            fee_is_negative=bool(said.get("fee_is_negative", True)),
            bill_hosts=_hosts(str(said.get("bill_hosts", ""))),
            is_test=bool(said.get("is_test", _is_test(base_url))),
            **{name: str(said[name]) for name in texts if said.get(name)},  # type: ignore[arg-type]
            **{name: bool(said.get(name, False)) for name in flags},  # type: ignore[arg-type]
        )


def _whole(account: Account, name: str, custom: int, *, at_most: int) -> int:
    text = str(account.settings.get(name, custom))
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= at_most):
        raise ConfigError(f"account {account.code}: {name} is no whole number up to {at_most}")
    return int(text)


def _hosts(text: str) -> tuple[str, ...]:
    return (*BILL_HOSTS, *(host.strip() for host in text.split(",") if host.strip()))


def _is_test(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host in _TEST_HOSTS or host.endswith(".alipaydev.com")
