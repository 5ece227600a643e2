"""Today's batches of the fresh goods, each with an inspection report one can open."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.core.files.base import ContentFile
from oscar.apps.partner.models import StockRecord

from mall.catalogue.batches import add_batch
from mall.catalogue.models import Batch
from mall.papers.page import Page
from payments.api import business_date

_HARVESTED: Final = {"fruit", "vegetables"}
_WITHOUT: Final = {"household"}
_LABORATORY: Final = "安溪县农产品检测站（演示）"


def load_batches(goods: Iterable[dict[str, Any]], stock: Mapping[str, StockRecord]) -> None:
    """Take in a batch of everything one eats, where none is there."""
    known = set(Batch.objects.values_list("product_id", flat=True))
    for number, each in enumerate(goods, start=1):
        record = stock[each["slug"]]
        if each["category"] not in _WITHOUT and record.product_id not in known:
            _take_in(each, record, number)


def _take_in(goods: dict[str, Any], record: StockRecord, number: int) -> None:
    today = business_date()
    made = today - timedelta(days=1)
    days = goods["shelf_life_days"] or 0
    report_no = f"JC-{made:%Y%m%d}-{number:03d}"
    when = "harvested_on" if goods["category"] in _HARVESTED else "produced_on"
    add_batch(
        product_id=record.product_id,
        supplier_id=record.partner_id,
        batch_no=f"{made:%Y%m%d}-{number:02d}",
        details={
            when: made,
            "best_before": made + timedelta(days=days) if days else None,
            "report": ContentFile(_report(goods, report_no, day=f"{made:%Y-%m-%d}"), "report.pdf"),
            "report_no": report_no,
            "report_by": _LABORATORY,
            "reported_on": made,
            "report_valid_until": today + timedelta(days=90),
        },
    )


def _report(goods: dict[str, Any], report_no: str, *, day: str) -> bytes:
    file = io.BytesIO()
    page = Page(file, title=report_no, footer="演示数据，不是真实的检验报告。")
    page.title("检验报告（演示）")
    page.space(12)
    for label, value in (
        ("报告编号", report_no),
        ("样品", goods["title"]),
        ("产地", goods["origin"]),
        ("送检单位", goods["producer"]),
        ("检验日期", day),
        ("检验机构", _LABORATORY),
        ("检验结论", "所检项目合格"),
    ):
        page.text(f"{label}：{value}", size=11, gap=9)
    page.finish()
    return file.getvalue()
