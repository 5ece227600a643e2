"""The demo's banks: units, the people who work there, and a draft that waits for approval."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from mall.accounts.models import User
from mall.banks.models import BankUnit
from mall.banks.organising import found_unit
from mall.banks.roles import Role, appoint, ensure_roles
from mall.config.demo_data.people import PASSWORD
from mall.promotions.approvals import Action, propose
from mall.promotions.models import BankOffer
from mall.promotions.models.figures import settle
from mall.promotions.offer_approvals import OFFER
from payments.api import day_bounds, local, now

Level = BankUnit.Level
HANGZHOU: Final = "ccb-hangzhou"
PSBC_HANGZHOU: Final = "psbc-hangzhou"
CMBC: Final = "cmbc"
# code, name, level, code of the unit above, issuer
UNITS: Final = (
    ("ccb", "中国建设银行", Level.BANK, "", "CCB"),
    (HANGZHOU, "建设银行杭州分行", Level.BRANCH, "ccb", ""),
    ("ccb-xihu", "建设银行西湖支行", Level.OUTLET, HANGZHOU, ""),
    ("ccb-yuhang", "建设银行余杭支行", Level.OUTLET, HANGZHOU, ""),
    ("psbc", "中国邮政储蓄银行", Level.BANK, "", "PSBC"),
    (PSBC_HANGZHOU, "邮储银行杭州分行", Level.BRANCH, "psbc", ""),
    (CMBC, "中国民生银行", Level.BANK, "", "CMBC"),
)
# username, shown as, unit, roles
STAFF: Final = (
    ("ccb-editor", "建行杭州 活动专员", HANGZHOU, {Role.EDITOR}),
    ("ccb-approver", "建行杭州 审批经理", HANGZHOU, {Role.APPROVER}),
    ("ccb-outlet", "建行西湖 客户经理", "ccb-xihu", {Role.VIEWER}),
    ("psbc-editor", "邮储杭州 活动专员", PSBC_HANGZHOU, {Role.EDITOR, Role.APPROVER}),
)


def load_banks() -> dict[str, BankUnit]:
    """Make the units and their people; who and what is there already stays."""
    ensure_roles()
    units: dict[str, BankUnit] = {}
    for code, name, level, under, issuer in UNITS:
        found = BankUnit.objects.filter(code=code).first()
        units[code] = found or found_unit(
            code=code, name=name, level=level, under=units.get(under), issuer_code=issuer
        )
    for username, shown, code, roles in STAFF:
        _appointed(username, shown, unit=units[code], roles={str(role) for role in roles})
    return units


def propose_an_offer(units: dict[str, BankUnit]) -> BankOffer:
    """Leave a draft that waits for its second person: Fridays for debit cards, in steps."""
    found = BankOffer.objects.filter(code="ccb-friday-steps").first()
    if found:
        return found
    today = day_bounds(local(now()).date())[0]
    draft = BankOffer(
        code="ccb-friday-steps",
        name="建行周五阶梯立减",
        terms="每周五，建设银行借记卡在线支付满 80 减 6、满 150 减 13，每人每日限 1 次。",
        owner=units[HANGZHOU],
        funder_ref="CCB",
        issuers=["CCB"],
        kinds=["debit"],
        benefit_kind=BankOffer.BenefitKind.STEPS,
        steps=[[8000, 600], [15000, 1300]],
        weekdays=[5],
        resident_day_limit=1,
        card_day_limit=1,
        budget_minor=2_000_000,
        funding=[{"funder": "bank", "percent": 80}, {"funder": "platform", "percent": 20}],
        starts_at=today + timedelta(days=3),
        ends_at=today + timedelta(days=93),
    )
    settle(draft)
    (draft,) = BankOffer.objects.bulk_create([draft])
    propose(
        Action.LAUNCH, kind=OFFER, pk=draft.pk, by="ccb-editor", reason="年末借记卡活动，请审批。"
    )
    return draft


def _appointed(username: str, shown: str, *, unit: BankUnit, roles: set[str]) -> None:
    user, created = User.objects.get_or_create(
        username=username, defaults={"display_name": shown, "is_staff": True}
    )
    if created:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        appoint(user, unit=unit, roles=roles)
