"""The town of the stories: a pickup point with a leader who earns, goods for 208.00, an offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from groupleader.models import CommissionRule, Leader
from groupleader.services.commissions import RuleScope
from mall.accounts.models import User
from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup, State
from tests.factories.groups import make_item_plan, make_open_group, make_point, make_product
from tests.funds import put_in_own_funds
from tests.groupleader.making import make_leader
from tests.mall.promotions.offers import make_offer
from tests.servers import LiveMall
from tests.waiting import until

PASSWORD = "a-password-of-staff"


@dataclass(frozen=True)
class Town:
    """Who and what there is."""

    leader: Leader
    group: LeaderGroup
    items: list[GroupBuyItem]
    staff: User

    def form(self, mall: LiveMall) -> None:
        """Cut the group buy off, let half a minute be over, and let the job decide it."""
        cut_off_now(group_buy_id=self.group.group_buy_id)
        row = GroupBuy.objects.filter(pk=self.group.group_buy_id)
        row.update(
            opens_at=timezone.now() - timedelta(hours=1),
            closes_at=timezone.now() - timedelta(seconds=40),
        )
        until(
            lambda: mall.run_jobs("mall.form_group_buys") and row.get().state == State.FORMED,
            what="the group buy to form",
        )
        mall.run_jobs("mall.confirm_orders")

    def stock(self) -> list[tuple[int, int]]:
        """What is held and sold of each item."""
        rows = GroupBuyItem.objects.filter(group_buy=self.group.group_buy_id)
        return list(rows.order_by("position").values_list("held", "sold"))


def make_town(**first_item: object) -> Town:
    """The worked example's goods at the point of a leader who earns ten percent."""
    CommissionRule.objects.create(
        scope=RuleScope.DEFAULT,
        rate=Decimal("0.1"),
        valid_from=timezone.now() - timedelta(days=30),
    )
    make_offer()
    put_in_own_funds()
    leader = make_leader("王秀兰")
    point = make_point(leader=leader.user)
    plans = [
        make_item_plan(make_product("糯玉米"), price_minor=3000, cost_minor=2400, **first_item),
        make_item_plan(make_product("土鸡蛋"), price_minor=4900, cost_minor=3920),
        make_item_plan(make_product("三文鱼"), price_minor=8000, cost_minor=6400),
    ]
    group = make_open_group(items=plans, point=point)
    staff = User.objects.create(
        username="admin", display_name="总管理员", is_staff=True, is_superuser=True
    )
    staff.set_password(PASSWORD)
    staff.save()
    items = GroupBuyItem.objects.filter(group_buy=group.group_buy_id).order_by("position")
    return Town(leader=leader, group=group, items=list(items), staff=staff)
