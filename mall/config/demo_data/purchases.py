"""The suppliers behind the goods: who they are, what they were asked for and what they brought."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from oscar.apps.partner.models import Partner

from mall.accounts.models import User
from mall.catalogue.models import Batch, SupplierProfile
from mall.catalogue.suppliers import change_supplier
from mall.config.demo_data.goods import read_goods
from mall.groupbuy.models import GroupBuy
from mall.ordering import cutoff
from mall.ordering.jobs import confirm_due
from mall.supply.answering import acknowledge
from mall.supply.documents import Counted
from mall.supply.drafting import draft_for
from mall.supply.models import ProductProposal, PurchaseOrder
from mall.supply.proposals import own_records, propose
from mall.supply.receiving import close_purchase, goods_in
from mall.supply.sending import send
from payments.api import business_date, deliver_pending

_BY: Final = "admin"
# One licence is worth a look soon; the seafood house may see masked names on its lists.
_ENDS_SOON: Final = "home-taste"
_SEES_NAMES: Final = "shenjiawan-seafood"


def load_suppliers() -> None:
    """Give every supplier its details, unless somebody has: contact, licence, terms."""
    for number, each in enumerate(read_goods()["suppliers"], start=1):
        partner = Partner.objects.get(code=each["key"])
        if not SupplierProfile.objects.filter(partner=partner).exists():
            change_supplier(partner_id=partner.pk, values=_details(each, number), by=_BY)


def _details(supplier: dict[str, Any], number: int) -> dict[str, Any]:
    days = 20 if supplier["key"] == _ENDS_SOON else 400 + 30 * number
    return {
        "state": SupplierProfile.State.NORMAL,
        "name_en": supplier["name_en"],
        "contact": supplier["contact"],
        "phone": f"+86{supplier['phone']}",
        "licence_no": f"JY1350524{number:05d}",
        "licence_until": business_date() + timedelta(days=days),
        "sees_names": supplier["key"] == _SEES_NAMES,
        "delivery_notes": "到仓请走北门，冷链货先卸。",
        "cost_terms": "每周一对账，周三付款",
    }


def buy(sale: GroupBuy) -> None:
    """Send a formed sale's purchase orders; every supplier brings all of it, counted in."""
    cutoff.finish(group_buy_id=sale.pk)
    confirm_due(1000)
    keeper = User.objects.get(username=_BY)
    for draft in draft_for(sale.pk, by=_BY):
        purchase = send(draft.purchase_no, by=_BY).purchase
        acknowledge(purchase.purchase_no, by=str(purchase.snapshot["contact"]))
        _bring(purchase, keeper)
    deliver_pending(1000)


def _bring(purchase: PurchaseOrder, keeper: User) -> None:
    lines = list(purchase.lines.all())
    products = [line.product_id for line in lines]
    batches = dict(
        Batch.objects.filter(product__in=products, is_current=True, is_recalled=False).values_list(
            "product_id", "pk"
        )
    )
    counts = {
        line.pk: Counted(pieces=line.pieces, batch_id=batches.get(line.product_id))
        for line in lines
    }
    number = purchase.purchase_no
    goods_in(number, counts, by=keeper, wish_key=f"demo-{number}")
    close_purchase(number, by=_BY)


def load_proposals() -> None:
    """Let two suppliers have proposed something that waits for the mall."""
    if ProductProposal.objects.exists():
        return
    orchard = Partner.objects.get(code="qinghe-orchard")
    record = own_records(orchard).first()
    if record is not None:
        wished = {"short_text": "本周新摘，甜度 13 度以上，坏果包赔", "cost_minor": 1880}
        note = "今年雨水多，人工也涨了，请帮忙看看。"
        propose(orchard, wished, wish_key="demo-1", product_id=record.product_id, note=note)
    farm = Partner.objects.get(code="nanshanpo-farm")
    wished = {
        "title": "高山娃娃菜 3 棵装",
        "sales_unit": "袋",
        "net_grams": 900,
        "storage_class": "chilled",
        "shelf_life_days": 5,
        "origin": "安溪龙涓",
        "short_text": "海拔 800 米，打霜后更甜",
        "cost_minor": 560,
        "price_minor": 890,
    }
    propose(farm, wished, wish_key="demo-2", note="下周起每天可以供 300 袋。")
