"""A points programme in force, and points to begin with."""

from __future__ import annotations

from datetime import date, timedelta

from mall.accounts.models import User
from mall.loyalty.earning import PaidOrder, earn
from mall.loyalty.models import PointsAccount, PointsEntry, PointsProgramme
from mall.loyalty.posting import Cause, account_of, give
from mall.loyalty.programme import fix, new_number
from mall.promotions.rules import LineFacts
from payments.api import business_date, transact


def make_programme(**fields: object) -> PointsProgramme:
    """Fix a version that is in force since a month ago: a point per yuan, worth a fen."""
    defaults = {
        "version": new_number(),
        "starts_on": business_date() - timedelta(days=30),
        "paid_minor_per_point": 100,
        "worth_minor_per_point": 1,
        "most_percent": 50,
        "member_days": [],
    }
    programme = PointsProgramme.objects.create(**{**defaults, **fields})
    fix(programme)
    return programme


@transact()
def give_points(resident: User, points: int, *, days: int = 365, key: str = "") -> PointsAccount:
    """Give points that are good for so many days."""
    account = account_of(resident.pk)
    number = PointsEntry.objects.count()
    cause = Cause(kind=PointsEntry.Kind.ADJUST, key=key or f"given:{number}", note="开户礼")
    give(account, cause, points=points, expires_on=business_date() + timedelta(days=days))
    return account


def collected(
    resident: User,
    order_no: str,
    payer_minor: int,
    *,
    paid_on: date | None = None,
    is_tied: bool = True,
) -> int:
    """Let an order be collected; return the points it earned."""
    return earn(
        PaidOrder(
            order_no=order_no,
            resident_id=resident.pk,
            payer_minor=payer_minor,
            paid_on=paid_on or business_date(),
            is_tied=is_tied,
        )
    )


def net(resident: User) -> int:
    """Return what she has less what she owes."""
    account = PointsAccount.objects.get(resident=resident)
    return account.balance - account.debt


def basket(*values: int) -> list[LineFacts]:
    """Lines worth so much (fen)."""
    return [LineFacts(product_id=n, value_minor=value) for n, value in enumerate(values, 1)]


def broken(rules) -> list[str]:
    """Run rules and name what they found wrong."""
    return [f"{v.subject}: {v.detail}" for result in rules() for v in result.violations]
