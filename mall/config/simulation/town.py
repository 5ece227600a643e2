"""The little town every play begins with: people with cards, two pickup points, one group buy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from oscar.apps.catalogue.models import Category, Product, ProductCategory, ProductClass
from oscar.apps.partner.models import Partner, StockRecord

from groupleader.models import CommissionRule
from groupleader.services.commissions import RuleScope
from groupleader.services.leaders import activate_leader, apply_as_leader, change_payee
from mall.accounts.models import User
from mall.catalogue.models import ProductExtra
from mall.config.simulation.bank import PlayedBank
from mall.groupbuy.creating import GroupBuyPlan, ItemPlan, create_group_buy
from mall.groupbuy.lifecycle import open_now, schedule
from mall.groupbuy.models import GroupBuy, LeaderGroup
from mall.ordering.payer import payer_ref
from mall.pickup.models import Community, PickupPoint
from mall.promotions.approvals import Action, waive
from mall.promotions.lifecycle import begin_due
from mall.promotions.models import BankOffer
from mall.promotions.offer_approvals import OFFER
from payments.api import (
    Consented,
    Money,
    business_date,
    confirm_own_funds,
    consent_text,
    ensure_sandbox_account,
    finish_binding,
    propose_own_funds,
    start_binding,
)
from payments.sandbox.faults import Temper

# The group buy opens an hour before; trade begins ten seconds before the end of a Shanghai month.
# What the merchant has at the bank to begin with.
OPENING: Final = Money(100_000_000)
BEGINS_AT: Final = datetime(2026, 3, 31, 15, 59, 50, tzinfo=UTC)
OPEN_FOR: Final = timedelta(hours=5)


@dataclass(frozen=True)
class Goods:
    """What can be bought: price and cost in fen, and how many pieces there are."""

    title: str
    price_minor: int
    cost_minor: int
    pieces: int


GOODS: Final = (
    Goods("糯玉米", 3000, 2400, 40),
    Goods("土鸡蛋", 4900, 3920, 40),
    Goods("三文鱼", 8000, 6400, 40),
    Goods("车厘子", 11000, 9000, 6),
)
# A resident's cards: BIN and how the card behaves. 622168 is the one the bank offer is for.
CARDS: Final = (
    (("622168", Temper.NORMAL),),
    (("622168", Temper.ASKS_CODE), ("621700", Temper.NORMAL)),
    (("622168", Temper.DECLINED),),
    (("622168", Temper.SILENT),),
    (("622188", Temper.NORMAL), ("622168", Temper.SLOW)),
    (),
)
# The second leader's bank refuses her account: her payout fails.
PAYEES: Final = ("6217001234560000011", "6217001234560000404")


@dataclass(frozen=True)
class Town:
    """Who plays, and what is sold."""

    residents: Sequence[User]
    groups: Sequence[LeaderGroup]
    staff: Sequence[User]


def build(bank: PlayedBank) -> None:
    """Build the town on an empty, migrated database; the cards are tied at the bank."""
    ensure_sandbox_account()
    funds = propose_own_funds(key="opening", amount=OPENING, reason="opening", by="finance")
    confirm_own_funds(funds, by="admin")
    for name in ("admin", "finance"):
        User.objects.create(username=name, display_name=name, is_staff=True, is_superuser=True)
    CommissionRule.objects.create(
        scope=RuleScope.DEFAULT, rate=Decimal("0.1"), valid_from=BEGINS_AT - timedelta(days=30)
    )
    _launch_offer()
    points = [_point(number, payee) for number, payee in enumerate(PAYEES, start=1)]
    _open_group_buy([_stocked(each) for each in GOODS], points)
    for number, cards in enumerate(CARDS, start=1):
        resident = _person(f"resident-{number}", f"+8613900000{number:03d}")
        for position, (bin_, temper) in enumerate(cards):
            _tie(resident, bank, bin_=bin_, temper=temper, serial=10 * number + position)


def find() -> Town:
    """Read the town that was built."""
    groups = LeaderGroup.objects.select_related("group_buy", "pickup_point", "leader")
    return Town(
        residents=list(User.objects.filter(username__startswith="resident-").order_by("pk")),
        groups=list(groups.order_by("pk")),
        staff=list(User.objects.filter(is_staff=True).order_by("pk")),
    )


def _person(username: str, phone: str) -> User:
    return User.objects.create(username=username, phone=phone, display_name=username)


def _point(number: int, payee: str) -> PickupPoint:
    leader = _person(f"leader-{number}", f"+8613800000{number:03d}")
    community, _made = Community.objects.get_or_create(
        name="幸福里",
        district="城关镇",
        defaults={"city": "安溪县", "latitude": "25.055", "longitude": "118.186"},
    )
    place = {"latitude": community.latitude, "longitude": community.longitude}
    row = apply_as_leader(user=leader, name=leader.display_name)
    activate_leader(leader=row)
    change_payee(leader=row, bank="中国建设银行", holder=leader.display_name, account=payee)
    return PickupPoint.objects.create(
        name=f"自提点{number}", community=community, address="解放路", leader=leader, **place
    )


def _stocked(goods: Goods) -> ItemPlan:
    kind, _made = ProductClass.objects.get_or_create(
        name="生鲜", defaults={"requires_shipping": True, "track_stock": True}
    )
    product = Product.objects.create(title=goods.title, product_class=kind)
    ProductExtra.objects.create(
        product=product, sales_unit="袋", net_grams=500, storage_class="chilled"
    )
    shelf = Category.objects.filter(name="生鲜").first() or Category.objects.add_root(
        {"name": "生鲜"}
    )
    ProductCategory.objects.create(product=product, category=shelf)
    supplier, _made = Partner.objects.get_or_create(name="安溪供销社")
    record = StockRecord.objects.create(
        product=product,
        partner=supplier,
        partner_sku=goods.title,
        price=Money(goods.price_minor).major,
        num_in_stock=goods.pieces,
    )
    return ItemPlan(
        product_id=product.pk,
        stockrecord_id=record.pk,
        price_minor=goods.price_minor,
        cost_minor=goods.cost_minor,
        quota=goods.pieces,
    )


def _open_group_buy(items: Sequence[ItemPlan], points: Sequence[PickupPoint]) -> GroupBuy:
    plan = GroupBuyPlan(
        title="月末鲜果团",
        opens_at=BEGINS_AT - timedelta(hours=1),
        closes_at=BEGINS_AT + OPEN_FOR,
        pickup_on=business_date(BEGINS_AT) + timedelta(days=1),
        pickup_from=time(16),
        pickup_until=time(20),
    )
    group_buy = create_group_buy(plan=plan, items=items, points=points)
    schedule(group_buy_id=group_buy.pk)
    return open_now(group_buy_id=group_buy.pk)


def _launch_offer() -> None:
    """满200减16 of the town's bank, once a day for each, eight times in all."""
    (offer,) = BankOffer.objects.bulk_create(
        [
            BankOffer(
                code="ccb-200-16",
                name="满200减16",
                funder_ref="CCB",
                issuers=["CCB"],
                kinds=["credit"],
                marks=BankOffer.Marks.SINGLE,
                threshold_minor=20000,
                discount_minor=1600,
                resident_day_limit=2,
                card_day_limit=2,
                budget_minor=8 * 1600,
                starts_at=BEGINS_AT - timedelta(days=1),
                ends_at=BEGINS_AT + timedelta(days=30),
            )
        ]
    )
    waive(Action.LAUNCH, kind=OFFER, pk=offer.pk, by="simulation", reason="played")
    begin_due(10)


def _tie(resident: User, bank: PlayedBank, *, bin_: str, temper: Temper, serial: int) -> None:
    step = start_binding(
        owner_ref=payer_ref(resident.pk),
        holder_phone=resident.phone or "",
        return_url="http://127.0.0.1/cards/",
        consent=Consented(text_sha256=consent_text().sha256, ip="127.0.0.1"),
    )
    bank.sign(step.agreement_no, bin_=bin_, temper=temper, serial=serial)
    finish_binding(step.agreement_no)
