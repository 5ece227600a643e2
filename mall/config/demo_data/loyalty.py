"""Points and red-packet rain of the demo: rules for a year, yesterday's rain and tonight's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from mall.accounts.models import User
from mall.loyalty import adjusting
from mall.loyalty.fixing import KIND as POINTS
from mall.loyalty.models import PointsAdjustment, PointsProgramme
from mall.loyalty.programme import new_number
from mall.promotions.approvals import Action, waive
from mall.redpackets.announcing import KIND as RAIN
from mall.redpackets.drawing import Drawer, draw
from mall.redpackets.models import RainPrize, RainSession
from mall.redpackets.sessions import end_due
from mall.vouchers.approving import BATCH
from mall.vouchers.models import VoucherBatch
from payments.api import SHANGHAI, business_date, now, travelling

RESIDENT: Final = "+8613900000001"
NEIGHBOUR: Final = "+8613900000003"
_BATCH: Final = "rain-packets"
_EVENING: Final = time(20)
_DAYS_IN_FORCE: Final = 400
# Worth (fen) and in how many of 10,000 draws; half of all draws are nothing.
_PRIZES: Final = ((88, 3000), (188, 1500), (588, 400), (1888, 90), (6800, 10))


def load_programme() -> PointsProgramme:
    """Put the rules in force before the first order, so that the past earned points."""
    found = PointsProgramme.objects.first()
    if found:
        return found
    programme = PointsProgramme.objects.create(
        version=new_number(),
        starts_on=business_date() - timedelta(days=_DAYS_IN_FORCE),
        day_most=2000,
        from_minor=2000,
        most_points=2000,
    )
    waive(Action.LAUNCH, kind=POINTS, pk=programme.pk, by="demo", reason="演示数据")
    return programme


def load_first_points(people: dict[str, User]) -> None:
    """Give the first resident points that expire soon, before the first order earns any."""
    if PointsAdjustment.objects.exists():
        return
    with travelling(now() - timedelta(days=365)):
        _correct(people[RESIDENT], 120, "去年店庆会员礼")


def load_corrections(people: dict[str, User]) -> None:
    """Let staff have corrected points today, one of them waiting for a second person."""
    if PointsAdjustment.objects.count() > 1:
        return
    _correct(people[RESIDENT], 300, "提货超时补偿")
    _correct(people[NEIGHBOUR], 800, "破损水果补偿")


def _correct(resident: User, points: int, reason: str) -> None:
    admin = User.objects.get(username="admin")
    adjusting.propose(resident_id=resident.pk, points=points, reason=reason, by=admin)


def load_rains(people: dict[str, User]) -> None:
    """Let it have rained yesterday, rain now, and announce tonight's rain."""
    _batch()
    evening = datetime.combine(business_date(), _EVENING, tzinfo=SHANGHAI)
    yesterday = evening - timedelta(days=1)
    if not RainSession.objects.filter(starts_at__lte=yesterday).exists():
        _rained(yesterday, list(people.values()))
    today = f"{business_date():%m%d}"
    with travelling(now() - timedelta(minutes=10)):
        _announced(f"open-{today}", "全天红包雨", now() + timedelta(minutes=5), hours=12)
    tonight = evening if evening > now() + timedelta(minutes=5) else evening + timedelta(days=1)
    _announced(f"evening-{tonight:%m%d}", "今晚八点红包雨", tonight, hours=0.25)


def _rained(at: datetime, people: Sequence[User]) -> None:
    """Play a rain of the past; both clocks are ours alone, no acquirer has a part in it."""
    with travelling(at - timedelta(hours=3)):
        session = _announced(f"evening-{at:%m%d}", "八点红包雨", at, hours=0.25)
    for number in (1, 2, 3):
        for place, person in enumerate(people):
            with travelling(at + timedelta(minutes=number * 3, seconds=place * 4)):
                draw(session_id=session.pk, drawer=Drawer(resident_id=person.pk), number=number)
    with travelling(session.ends_at + timedelta(seconds=10)):
        end_due(10)


def _announced(code: str, title: str, starts_at: datetime, *, hours: float) -> RainSession:
    found = RainSession.objects.filter(code=code).first()
    if found:
        return found
    session = RainSession.objects.create(
        code=code,
        title=title,
        terms="每人三次机会，同一手机号或同一张卡视为一人。抢到的红包自动进入卡券包，7 天有效。",
        starts_at=starts_at,
        seconds=int(hours * 3600),
        draws_each=3,
        batch_code=_BATCH,
        budget_minor=100_000,
    )
    RainPrize.objects.bulk_create(
        RainPrize(session=session, position=position, amount_minor=amount, chances=chances)
        for position, (amount, chances) in enumerate(_PRIZES, 1)
    )
    waive(Action.LAUNCH, kind=RAIN, pk=session.pk, by="demo", reason="演示数据")
    session.refresh_from_db()
    return session


def _batch() -> None:
    if VoucherBatch.objects.filter(code=_BATCH).exists():
        return
    batch = VoucherBatch(
        code=_BATCH,
        name="红包雨红包",
        terms="任意实物商品可用，不设门槛。",
        kind=VoucherBatch.Kind.RED_PACKET,
        threshold_minor=0,
        discount_minor=max(worth for worth, _chances in _PRIZES),
        valid_hours=7 * 24,
        total_stock=100_000,
        budget_minor=10_000_000,
    )
    batch.clean()
    (batch,) = VoucherBatch.objects.bulk_create([batch])
    waive(Action.LAUNCH, kind=BATCH, pk=batch.pk, by="demo", reason="演示数据")
