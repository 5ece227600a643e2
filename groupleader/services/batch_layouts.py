"""How each bank wants its batch file, and how its result file reads: a layout is data.

Another bank is another `Layout` here, or a few words in settings.LINLI_PAYOUT_LAYOUTS; how to write
one down is in docs/payouts.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groupleader.payout_errors import LayoutUnknownError


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of one bank's batch file, and the words of its result file.

    `columns` are pairs of heading and what stands there: no (1, 2, 3 …), account, name, bank,
    amount (yuan, two decimals), fen, currency, purpose, payout_no, batch_no, or a fixed text after
    "=". `head` and `foot` are lines before and after the rows, with {batch_no}, {count}, {total},
    {fen}, {day} and {purpose}; empty for none. `result` says under which headings the bank's answer
    has payout_no, account, amount, state, reason, ref and batch_no (the last three where it says
    them); `paid` and `failed` are the words its state is written with. What is neither is unknown.
    """

    name: str | Promise
    columns: tuple[tuple[str, str], ...]
    has_headings: bool = True
    separator: str = ","
    head: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    forms: tuple[str, ...] = ("csv_utf8", "csv_gbk", "xlsx")
    rows_max: int = 5_000
    name_bytes_max: int = 60
    purpose_bytes_max: int = 40
    result: Mapping[str, str] = field(default_factory=dict)
    paid: tuple[str, ...] = ("成功", "已支付", "paid", "success", "succeeded")
    failed: tuple[str, ...] = ("失败", "退回", "拒绝", "failed", "rejected", "returned")


_GENERIC_RESULT: Final = {
    "batch_no": "批次号",
    "payout_no": "付款编号",
    "account": "收款账号",
    "amount": "金额",
    "state": "状态",
    "reason": "原因",
    "ref": "银行流水号",
}

LAYOUTS: Final[Mapping[str, Layout]] = {
    "generic": Layout(
        name=_("Generic"),
        columns=(
            ("序号", "no"),
            ("收款账号", "account"),
            ("收款户名", "name"),
            ("开户行", "bank"),
            ("金额", "amount"),
            ("用途", "purpose"),
            ("付款编号", "payout_no"),
            ("批次号", "batch_no"),
        ),
        result=_GENERIC_RESULT,
    ),
    "ccb": Layout(
        name=_("China Construction Bank, batch payment"),
        columns=(
            ("序号", "no"),
            ("账号", "account"),
            ("户名", "name"),
            ("金额", "amount"),
            ("跨行标识", "=0"),
            ("行名", "bank"),
            ("摘要", "purpose"),
            ("备注", "payout_no"),
        ),
        has_headings=False,
        separator="|",
        head=("{batch_no}|{count}|{total}|{purpose}",),
        forms=("csv_gbk", "xlsx"),
        name_bytes_max=60,
        purpose_bytes_max=20,
        result={
            "payout_no": "备注",
            "account": "账号",
            "amount": "金额",
            "state": "处理结果",
            "reason": "失败原因",
            "ref": "流水号",
        },
        paid=("成功", "交易成功", "处理成功"),
        failed=("失败", "交易失败", "处理失败"),
    ),
}


def layouts() -> dict[str, Layout]:
    """Return the layouts a batch may be written in, by their codes."""
    more: Mapping[str, Mapping[str, Any]] = settings.LINLI_PAYOUT_LAYOUTS
    return {**LAYOUTS, **{code: _read(words) for code, words in more.items()}}


def layout_of(code: str) -> Layout:
    """Return one layout; LayoutUnknownError."""
    found = layouts().get(code)
    if found is None:
        raise LayoutUnknownError(layout=code)
    return found


def _read(words: Mapping[str, Any]) -> Layout:
    """Make a layout of what the settings say; lists of JSON are tuples here."""
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in words.items()
    }
    if "columns" in given:
        given["columns"] = tuple((heading, what) for heading, what in given["columns"])
    return Layout(**given)
