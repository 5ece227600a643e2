"""The town of the day's story before it begins: goods, a supplier, a leader, a van, a bank."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from oscar.apps.catalogue.models import Product
from oscar.apps.partner.models import Partner
from PIL import Image

from groupleader.models import CommissionRule, Leader
from groupleader.services.commissions import RuleScope
from mall.accounts.models import User
from mall.catalogue.models import ProductExtra, SupplierProfile
from mall.fulfilment.models import Route
from mall.pickup.models import PickupPoint
from tests.browser.town import PASSWORD
from tests.factories.groups import make_point, make_product
from tests.funds import put_in_own_funds
from tests.groupleader.making import make_leader
from tests.mall.promotions.offers import make_offer

SUPPLIER_PHONE = "13900000099"
# The goods of the sale: name, group price and cost in fen.
GOODS = (("糯玉米", 3000, 2400), ("土鸡蛋", 4900, 3920), ("三文鱼", 8000, 6400))


@dataclass(frozen=True)
class DayTown:
    """Who and what there is before anything is on sale."""

    leader: Leader
    point: PickupPoint
    products: list[Product]
    staff: User


def make_day_town() -> DayTown:
    """Three products of one supplier; the fish is cold and goes by weight; nothing is on sale."""
    CommissionRule.objects.create(
        scope=RuleScope.DEFAULT,
        rate=Decimal("0.1"),
        valid_from=timezone.now() - timedelta(days=30),
    )
    make_offer()
    put_in_own_funds()
    leader = make_leader("王秀兰")
    point = make_point(leader=leader.user)
    products = [make_product(name) for name, _price, _cost in GOODS]
    ProductExtra.objects.filter(product=products[2]).update(
        storage_class="chilled", is_weighed=True, net_grams=1000, weight_tolerance_percent=15
    )
    SupplierProfile.objects.update_or_create(
        partner=Partner.objects.get(name="安溪供销社"),
        defaults={"phone": f"+86{SUPPLIER_PHONE}", "state": SupplierProfile.State.NORMAL},
    )
    Route.objects.create(
        name="南线", driver_name="小郑", driver_phone="13900000088", is_default=True
    )
    staff = User.objects.create(
        username="admin", display_name="总管理员", is_staff=True, is_superuser=True
    )
    staff.set_password(PASSWORD)
    staff.save()
    return DayTown(leader=leader, point=point, products=products, staff=staff)


def broken_rules() -> list[object]:
    """Return what any rule of the house finds wrong in the books of the day."""
    checks = [import_string(path) for path in settings.LINLI_INVARIANTS]
    return [wrong for check in checks for result in check() for wrong in result.violations]


def jpeg() -> bytes:
    """A small picture as a telephone takes it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "#8a4b14").save(out, format="JPEG")
    return out.getvalue()
