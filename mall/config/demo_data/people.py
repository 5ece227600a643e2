"""The demo's people: staff with passwords, leaders and residents with telephone numbers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from groupleader.models import CommissionRule, Leader
from groupleader.services.commissions import RuleScope
from groupleader.services.leaders import activate_leader, apply_as_leader, change_payee
from groupleader.services.rules import RuleWish, write_rule
from mall.accounts.models import User
from mall.accounts.signing_in import account_of
from payments.api import now

PASSWORD: Final = "linli-demo"  # noqa: S105 - printed for everybody who tries the demo
LEADERS: Final = (
    ("+8613800000001", "王秀兰", "6217001234560000011"),
    ("+8613800000002", "李建国", "6217001234560000029"),
    ("+8613800000003", "陈晓燕", "6217001234560000037"),
    ("+8613800000004", "周明", "6217001234560000045"),
    ("+8613800000005", "赵桂芳", "6217001234560000052"),
)
RESIDENTS: Final = (
    ("+8613900000001", "李小娟"),
    ("+8613900000002", "张伟"),
    ("+8613900000003", "刘阿姨"),
    ("+8613900000004", "孙丽华"),
    ("+8613900000005", "吴志强"),
    ("+8613900000006", "郑春梅"),
    ("+8613900000007", "何师傅"),
    ("+8613900000008", "林雨晴"),
    ("+8613900000009", "黄奶奶"),
    ("+8613900000010", "罗建军"),
    ("+8613900000011", "梁敏"),
    ("+8613900000012", "宋玉珍"),
)
STAFF: Final = (
    ("admin", "总管理员", ""),
    ("finance", "财务复核", ""),
    ("buyer", "采购", "采购 Buyers"),
    ("depot", "仓配", "仓配 Depot"),
)
# What each group of staff may do: whole rooms, or single permissions. Who is in none may do all.
_ROOMS: Final = {
    "采购 Buyers": ("catalogue", "partner", "mall_catalogue", "groupbuy", "supply"),
    "仓配 Depot": ("fulfilment",),
}
_SINGLE: Final = {
    "仓配 Depot": ("view_groupbuy", "view_leadergroup", "view_pickuppoint", "view_purchaseorder")
}
COMMISSION_RATE: Final = Decimal("0.1")
TIER: Final = "金牌"


def load_people() -> dict[str, User]:
    """Make everybody's account, by phone number; who is there already stays as she is."""
    for name, shown, group in STAFF:
        _staff(name, shown, group=group)
    return {phone: _named(phone, name) for phone, name, *_ in (*LEADERS, *RESIDENTS)}


def load_leaders(people: dict[str, User]) -> list[Leader]:
    """Make the leaders leaders, with accounts to be paid to, and agree ten percent with all."""
    if not CommissionRule.objects.exists():
        CommissionRule.objects.create(
            scope=RuleScope.DEFAULT,
            rate=COMMISSION_RATE,
            valid_from=now() - timedelta(days=365),
            note="默认佣金 10%",
        )
        _propose_rules()
    return [_leader(people[phone], name, account) for phone, name, account in LEADERS]


def _propose_rules() -> None:
    """Leave a general rate that waits for a second person, and one for a tier that begins later."""
    admin, begins = User.objects.get(username="admin"), now() + timedelta(days=7)
    wishes = (
        RuleWish(
            scope=RuleScope.DEFAULT,
            target="",
            rate=Decimal("0.09"),
            valid_from=begins,
            note="建议下调默认佣金，请复核",
        ),
        RuleWish(
            scope=RuleScope.TIER,
            target=TIER,
            target_name=TIER,
            rate=Decimal("0.12"),
            valid_from=begins,
            note="金牌团长下周起 12%",
        ),
    )
    for wish in wishes:
        write_rule(wish, by=admin)


def _staff(username: str, shown: str, *, group: str) -> None:
    user, created = User.objects.get_or_create(
        username=username,
        defaults={"display_name": shown, "is_staff": True, "is_superuser": not group},
    )
    if not created:
        return
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    if group:
        user.groups.add(_group(group))


def _group(name: str) -> Group:
    found, _created = Group.objects.get_or_create(name=name)
    rooms = Q(content_type__app_label__in=_ROOMS[name])
    found.permissions.set(Permission.objects.filter(rooms | Q(codename__in=_SINGLE.get(name, ()))))
    return found


def _named(phone: str, name: str) -> User:
    user = account_of(phone=phone)
    if user.display_name != name:
        user.display_name = name
        user.save(update_fields=["display_name"])
    return user


def _leader(user: User, name: str, account: str) -> Leader:
    leader = apply_as_leader(user=user, name=name)
    if leader.status != Leader.Status.ACTIVE:
        activate_leader(leader=leader)
    if name == LEADERS[0][1]:
        Leader.objects.filter(pk=leader.pk).update(tier=TIER)
    if not leader.has_payee:
        change_payee(leader=leader, bank="中国建设银行", holder=name, account=account)
    return leader
