"""Everybody who ordered in a leader's groups: how often, when last, whether she fetches in time.

Every question starts from the leader: what was handed over to somebody else with a point is that
one's from then on, and only what she handled herself is counted here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, overload

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from mall.accounts.masking import mask_name
from mall.catalogue.spelling import initials_of, is_chinese, tidy, written_out
from mall.fulfilment.bags import PHONE_TAILS, SHOW
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import OrderFulfilment, Status
from payments.api import SHANGHAI, business_date, now

REGULAR_ORDERS: Final = 4
NEW_DAYS: Final = 30
SLEEPING_DAYS: Final = 30
OVERDUE_OFTEN: Final = 2
FILTERS: Final = ("", "regular", "new", "sleeping", "overdue")
_GONE_TO: Final = (Status.COLLECTED, Status.CLOSED)
_FOUND_MAX: Final = 500
# A query of rows by resident with their figures: which they are no model says.
Counted = Any
_TEXT_MAX: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentRow:
    """Somebody who orders with a leader; names masked, fen. ``on_time`` of ``came`` on the day."""

    resident_id: int
    masked_name: str
    phone_tail: str
    orders: int
    goods_minor: int
    first_at: datetime
    last_at: datetime
    came: int
    on_time: int
    overdue: int

    @property
    def repeats(self) -> int:
        """Return how often she came back after her first order."""
        return max(0, self.orders - 1)

    @property
    def on_time_percent(self) -> int | None:
        """Return how much of what came she fetched on its day; None where nothing has come yet."""
        return round(100 * self.on_time / self.came) if self.came else None

    @property
    def is_new(self) -> bool:
        """Tell whether she began to order lately."""
        return self.first_at > now() - timedelta(days=NEW_DAYS)

    @property
    def is_sleeping(self) -> bool:
        """Tell whether she has not ordered for long."""
        return self.last_at <= now() - timedelta(days=SLEEPING_DAYS)


class ResidentRows(Sequence[ResidentRow]):
    """A list of residents that reads only the page it is asked for; Django's Paginator takes it."""

    def __init__(self, found: Counted) -> None:
        """Take the counted residents in the order they shall be shown."""
        self._found = found

    def __len__(self) -> int:
        """Count them in the database."""
        return int(self._found.count())

    @overload
    def __getitem__(self, index: int) -> ResidentRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[ResidentRow]: ...

    def __getitem__(self, index: int | slice) -> ResidentRow | list[ResidentRow]:
        """Read one resident or one page of them: two queries."""
        if isinstance(index, int):
            return self[index : index + 1][0]
        rows = list(self._found[index])
        reach = OrderFulfilment.objects.in_bulk([row["last"] for row in rows])
        return [_row(row, reach[row["last"]]) for row in rows]


def residents_of_leader(
    leader_id: int, *, query: str = "", show: str = "", among: Sequence[int] | None = None
) -> ResidentRows:
    """Return who has ordered with a leader, who ordered last on top.

    ``query`` is the last four digits of a phone (or all eleven), a part of a name, or a name's
    first letters in pinyin. ``show`` is one of FILTERS; ``among`` names the only ones to look at.
    """
    orders = OrderFulfilment.objects.filter(leader=leader_id, status__in=SHOW[""])
    if query.strip():
        orders = orders.filter(resident__in=_found_by(leader_id, query))
    if among is not None:
        orders = orders.filter(resident__in=among)
    return ResidentRows(_shown(_counted(orders), show).order_by("-last_at", "-last"))


def resident_of_leader(leader_id: int, resident_id: int) -> ResidentRow:
    """Return one of a leader's residents; OrderGoneError for a stranger."""
    rows = residents_of_leader(leader_id, among=[resident_id])[0:1]
    if not rows:
        raise OrderGoneError
    return rows[0]


def last_orders_with(leader_id: int, resident_ids: Collection[int]) -> dict[int, datetime]:
    """Return when each of these last ordered with a leader; who never did is left out."""
    orders = OrderFulfilment.objects.filter(leader=leader_id, resident__in=resident_ids)
    return dict(orders.order_by().values_list("resident_id").annotate(at=Max("placed_at")))


def _counted(orders: QuerySet[OrderFulfilment]) -> Counted:
    today = business_date()
    fetched_on = TruncDate("collected_at", tzinfo=SHANGHAI)
    is_kept = ~Q(status=Status.REFUNDED)
    is_fetched = Q(status__in=_GONE_TO, collected_at__isnull=False)
    is_waiting = Q(status=Status.ARRIVED, group_buy__pickup_on__lt=today)
    is_late = is_fetched & Q(fetched_on__gt=F("group_buy__pickup_on"))
    people = orders.alias(fetched_on=fetched_on).values("resident_id").order_by()
    return people.annotate(
        last=Max("pk"),
        orders=Count("pk", filter=is_kept),
        goods_minor=Sum("goods_minor", filter=is_kept, default=0),
        first_at=Min("placed_at"),
        last_at=Max("placed_at"),
        came=Count("pk", filter=is_fetched | is_waiting),
        overdue=Count("pk", filter=is_waiting | is_late),
    )


def _shown(found: Counted, show: str) -> Counted:
    at = now()
    if show == "regular":
        return found.filter(orders__gte=REGULAR_ORDERS)
    if show == "new":
        return found.filter(first_at__gt=at - timedelta(days=NEW_DAYS))
    if show == "sleeping":
        return found.filter(last_at__lte=at - timedelta(days=SLEEPING_DAYS))
    return found.filter(overdue__gte=OVERDUE_OFTEN) if show == "overdue" else found


def _found_by(leader_id: int, query: str) -> list[int]:
    """Return whom a search means, 500 at most; of a number only its end or all of it counts."""
    text = tidy(query)[:_TEXT_MAX]
    own = OrderFulfilment.objects.filter(leader=leader_id, status__in=SHOW[""])
    digits = text.replace(" ", "").removeprefix("+86")
    if digits.isdecimal():
        if len(digits) not in PHONE_TAILS:
            return []
        fits = own.filter(receiver_phone__endswith=digits)
        return list(fits.values_list("resident_id", flat=True).distinct().order_by()[:_FOUND_MAX])
    named = own.values_list("resident_id", "receiver_name", "resident__display_name")
    found = {
        resident_id
        for resident_id, *names in named.distinct().order_by()
        if any(_is_called(tidy(name), text) for name in names)
    }
    return sorted(found)[:_FOUND_MAX]


def _is_called(name: str, text: str) -> bool:
    """Tell whether a name holds a text, or is typed so: wxl and wangxiulan for 王秀兰."""
    if text in name:
        return True
    if is_chinese(text) or not name:
        return False
    pieces, typed = written_out(name), text.replace(" ", "")
    return initials_of(pieces).startswith(typed) or "".join(pieces).startswith(typed)


def _row(counts: dict[str, Any], last: OrderFulfilment) -> ResidentRow:
    figures = {name: value for name, value in counts.items() if name != "last"}
    return ResidentRow(
        **figures,
        on_time=counts["came"] - counts["overdue"],
        masked_name=mask_name(last.receiver_name),
        phone_tail=last.receiver_phone[-4:],
    )
