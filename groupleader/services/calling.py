"""A leader asks for a neighbour's telephone number: written down, and so many a day."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db.models import F

from groupleader.errors import CalledEnoughError
from groupleader.models import Leader, NumberAsked, NumbersADay
from groupleader.models.calls import CALLS_A_DAY_MOST
from mall.api import phone_to_call, waiting_bags
from payments.api import business_date, now, transact

log = structlog.get_logger(__name__)


@transact()
def number_to_call(*, leader: Leader, bag_id: int) -> str:
    """Return the number of a waiting bag's receiver, and write down that the leader has it.

    The same bag again on the same day is the same look. NotYourPointError, NotExtendableError as
    phone_to_call; CalledEnoughError (data: a_day) beyond LINLI_CALLS_A_DAY bags of a day.
    """
    phone = phone_to_call(bag_id=bag_id, by=leader.user)
    orders = {bag.bag_id: bag.order_no for bag in waiting_bags(leader.user_id)}
    asked, is_new = NumberAsked.objects.get_or_create(
        leader=leader,
        bag_id=bag_id,
        day=business_date(),
        defaults={"order_no": orders.get(bag_id, ""), "asked_at": now()},
    )
    if is_new:
        _count_one(leader)
        log.info("number.asked", leader_id=leader.pk, order_no=asked.order_no)
    return phone


def _count_one(leader: Leader) -> None:
    """Take one of the day's numbers; CalledEnoughError where none is left."""
    today, most = business_date(), min(int(settings.LINLI_CALLS_A_DAY), CALLS_A_DAY_MOST)
    NumbersADay.objects.bulk_create([NumbersADay(leader=leader, day=today)], ignore_conflicts=True)
    rows = NumbersADay.objects.filter(leader=leader, day=today, count__lt=most)
    if not rows.update(count=F("count") + 1):
        raise CalledEnoughError(a_day=most)
