"""The columns of UnionPay's statement (对账文件, ZM): widths in bytes, a blank between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Name and width, in order; the names are those of 《平台接入接口规范》 part 3.
COLUMNS: Final[tuple[tuple[str, int], ...]] = (
    ("交易代码", 3),
    ("代理机构标识码", 11),
    ("发送机构标识码", 11),
    ("系统跟踪号", 6),
    ("交易传输时间", 10),
    ("帐号", 19),
    ("交易金额", 12),
    ("商户类别", 4),
    ("终端类型", 2),
    ("查询流水号", 21),
    ("旧支付方式", 2),
    ("商户订单号", 32),
    ("支付卡类型", 2),
    ("原始交易的系统跟踪号", 6),
    ("原始交易日期时间", 10),
    ("商户手续费", 13),
    ("结算金额", 13),
    ("支付方式", 4),
    ("集团商户代码", 15),
    ("交易类型", 2),
    ("交易类别", 2),
    ("业务类型", 6),
    ("帐号类型", 2),
    ("账单类型", 4),
    ("账单号码", 32),
    ("交互方式", 1),
    ("原交易查询流水号", 21),
    ("商户代码", 15),
    ("分账入账方式", 1),
    ("二级商户代码", 15),
    ("二级商户简称", 32),
    ("二级商户分账入账金额", 13),
    ("清算净额", 13),
    ("终端号", 8),
    ("商户自定义域", 32),
    ("优惠金额", 13),
    ("发票金额", 13),
    ("分期付款附加手续费", 12),
    ("分期付款期数", 2),
    ("交易介质", 1),
    ("原始交易订单号", 32),
    ("保留使用", 98),
)
# Of the statement of adjustments (差错, ZME) only the first seven are the same; the rest is not
# published by name.
ADJUSTMENT_WIDTHS: Final = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6),
    *(10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135),
)
LINE_BYTES: Final = sum(width for _, width in COLUMNS) + len(COLUMNS) - 1
ADJUSTMENT_BYTES: Final = sum(ADJUSTMENT_WIDTHS) + len(ADJUSTMENT_WIDTHS) - 1


def _places(widths: tuple[int, ...]) -> tuple[slice, ...]:
    found, start = [], 0
    for width in widths:
        found.append(slice(start, start + width))
        start += width + 1
    return tuple(found)


PLACES: Final[Mapping[str, slice]] = dict(
    zip(
        (name for name, _ in COLUMNS),
        _places(tuple(width for _, width in COLUMNS)),
        strict=True,
    )
)
ADJUSTMENT_PLACES: Final = _places(ADJUSTMENT_WIDTHS)
# The one byte between two columns.
GAPS: Final = tuple(place.stop for place in list(PLACES.values())[:-1])
ADJUSTMENT_GAPS: Final = tuple(place.stop for place in ADJUSTMENT_PLACES[:-1])
