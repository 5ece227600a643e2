"""What a leader sees of her groups: to receive, to hand over, who ordered what; names masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from mall.accounts.masking import mask_name
from mall.catalogue.models import ProductExtra
from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from mall.fulfilment.models import ArrivalLine, Collection
from mall.fulfilment.people import at_counter
from mall.fulfilment.receiving import expected_items
from mall.groupbuy.models import GroupBuyItem, LeaderGroup, State
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.pickup.helping import helped_points
from mall.pickup.models import PickupPoint
from payments.api import business_date, day_bounds

CAN_RECEIVE = (State.FORMED, State.ORDERED)
_PAID = (
    Status.PAID,
    Status.CONFIRMED,
    Status.IN_TRANSIT,
    Status.ARRIVED,
    Status.COLLECTED,
    Status.CLOSED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardGroup:
    """One of a leader's groups; amounts in fen."""

    group_id: int
    title: str
    state: str
    state_label: str
    share_code: str
    point_id: int
    point_name: str
    closes_at: datetime
    pickup_on: date
    pickup_from: time
    pickup_until: time
    joined: int
    orders: int
    quantity: int
    amount_minor: int
    can_receive: bool
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is to be done today, and what was ordered today (fen)."""

    to_receive: int
    to_hand_over: int
    overdue: int
    collected_today: int
    orders_today: int
    goods_today_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item of a group's delivery; once counted in, how many came."""

    item_id: int
    title: str
    picture: str
    is_cold: bool
    expected: int
    received: int
    damaged: int = 0
    surplus: int = 0

    @property
    def quantity(self) -> int:
        """Return how many were ordered."""
        return self.expected

    @property
    def missing(self) -> int:
        """Return how many did not come."""
        return self.expected - self.received

    @property
    def came(self) -> int:
        """Return how many came in good order, those beyond what was ordered too."""
        return self.received + self.surplus


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many bags were handed over of those that came."""

    done: int
    total: int


def groups_of_leader(leader_id: int, *, limit: int = 50) -> list[BoardGroup]:
    """Return a leader's groups beyond draft, newest first."""
    rows = _groups(leader_id).exclude(state=State.DRAFT)
    return [_group(row) for row in rows.order_by("-group_buy__closes_at", "-pk")[:limit]]


def group_of_leader(leader_id: int, group_id: int) -> BoardGroup:
    """Return one of a leader's groups; OrderGoneError for anybody else's."""
    row = _groups(leader_id).filter(pk=group_id).first()
    if row is None:
        raise OrderGoneError(_("This group is not one of yours."), group_id=group_id)
    return _group(row)


def groups_at_counter(user_id: int, *, limit: int = 50) -> list[BoardGroup]:
    """Return the groups somebody receives and hands over, hers or as a helper; newest first."""
    rows = _rows().filter(at_counter(user_id)).exclude(state=State.DRAFT)
    return [_group(row) for row in rows.order_by("-group_buy__closes_at", "-pk")[:limit]]


def group_at_counter(user_id: int, group_id: int) -> BoardGroup:
    """Return a group somebody receives and hands over; OrderGoneError for anybody else's."""
    row = _rows().filter(at_counter(user_id), pk=group_id).first()
    if row is None:
        raise OrderGoneError(_("This group is not one of yours."), group_id=group_id)
    return _group(row)


def points_of_leader(leader_id: int) -> dict[int, str]:
    """Return the names of the pickup points a leader keeps, by their numbers."""
    points = PickupPoint.objects.filter(leader=leader_id, active=True).order_by("pk")
    return dict(points.values_list("pk", "name"))


def points_at_counter(user_id: int) -> dict[int, str]:
    """Return the names of the points somebody keeps or helps at, by their numbers."""
    return points_of_leader(user_id) | helped_points(user_id)


def desk_of(leader_id: int) -> Desk:
    """Return a leader's counts for today: three queries."""
    start, end = day_bounds(business_date())
    orders = OrderFulfilment.objects.filter(leader=leader_id)
    waiting = Q(status=Status.ARRIVED)
    ordered = Q(paid_at__gte=start, paid_at__lt=end)
    counts = orders.aggregate(
        to_hand_over=Count("pk", filter=waiting),
        overdue=Count("pk", filter=waiting & Q(group_buy__pickup_on__lt=business_date())),
        orders_today=Count("pk", filter=ordered),
        goods_today_minor=Sum("goods_minor", filter=ordered, default=0),
    )
    collected = Collection.objects.filter(
        order__leader=leader_id, undone_at=None, at__gte=start, at__lt=end
    )
    receivable = LeaderGroup.objects.filter(
        leader=leader_id, state__in=CAN_RECEIVE, arrival=None, order_count__gt=0
    )
    return Desk(to_receive=receivable.count(), collected_today=collected.count(), **counts)


def items_to_receive(user_id: int, group_id: int) -> list[ItemRow]:
    """Return what a group's delivery holds, or held: expected and received per item."""
    group_at_counter(user_id, group_id)
    counted = {
        line.item_id: (line.expected, line.received, line.damaged, line.surplus)
        for line in ArrivalLine.objects.filter(arrival__group=group_id)
    }
    if not counted:
        counted = {item: (n, n, 0, 0) for item, n in expected_items(group_id).items()}
    return _item_rows(counted)


def items_ordered(leader_id: int, group_id: int) -> list[ItemRow]:
    """Return what a group's paid orders come to, per item."""
    group_of_leader(leader_id, group_id)
    lines = LineFulfilment.objects.filter(order__group=group_id, order__status__in=_PAID)
    rows = lines.values("item_id").annotate(n=Sum(F("quantity") - F("refunded_quantity")))
    return _item_rows({row["item_id"]: (row["n"], row["n"], 0, 0) for row in rows if row["n"]})


def progress_of(user_id: int, *, group_id: int | None = None) -> Progress:
    """Count the bags of a group, or of all deliveries whose pickup is today or overdue."""
    orders = OrderFulfilment.objects.filter(at_counter(user_id))
    if group_id is not None:
        orders = orders.filter(group=group_id)
    else:
        start, _end = day_bounds(business_date())
        orders = orders.filter(Q(status=Status.ARRIVED) | Q(collected_at__gte=start))
    done = Count("pk", filter=Q(status__in=[Status.COLLECTED, Status.CLOSED]))
    total = Count("pk", filter=Q(status__in=[Status.ARRIVED, Status.COLLECTED, Status.CLOSED]))
    return Progress(**orders.aggregate(done=done, total=total))


def is_cold(extra: ProductExtra | None) -> bool:
    """Tell whether goods must be kept cold."""
    return extra is not None and extra.storage_class != ProductExtra.Storage.AMBIENT


def masked(order: OrderFulfilment) -> str:
    """Return the receiver's name as the leader's screen shows it."""
    return mask_name(order.receiver_name)


def _groups(leader_id: int) -> QuerySet[LeaderGroup]:
    return _rows().filter(leader=leader_id)


def _rows() -> QuerySet[LeaderGroup]:
    return LeaderGroup.objects.select_related("group_buy", "pickup_point", "arrival")


def _group(row: LeaderGroup) -> BoardGroup:
    buy = row.group_buy
    arrival = getattr(row, "arrival", None)
    return BoardGroup(
        group_id=row.pk,
        title=buy.title,
        state=row.state,
        state_label=row.get_state_display(),
        share_code=row.share_code,
        point_id=row.pickup_point_id,
        point_name=row.pickup_point.name,
        closes_at=buy.closes_at,
        pickup_on=buy.pickup_on,
        pickup_from=buy.pickup_from,
        pickup_until=buy.pickup_until,
        joined=row.joined_count,
        orders=row.order_count,
        quantity=row.quantity,
        amount_minor=row.amount_minor,
        can_receive=row.state in CAN_RECEIVE and arrival is None,
        received_at=arrival.received_at if arrival else None,
    )


def _item_rows(counted: dict[int, tuple[int, int, int, int]]) -> list[ItemRow]:
    items: Iterable[GroupBuyItem] = (
        GroupBuyItem.objects.filter(pk__in=counted)
        .select_related("product__extra")
        .order_by("position", "pk")
    )
    return [_item_row(item, counted[item.pk]) for item in items]


def _item_row(item: GroupBuyItem, counts: tuple[int, int, int, int]) -> ItemRow:
    expected, received, damaged, surplus = counts
    picture = product_picture(item.product, 240)
    return ItemRow(
        item_id=item.pk,
        title=title_of(item.product),
        picture=picture.url if picture else "",
        is_cold=is_cold(getattr(item.product, "extra", None)),
        expected=expected,
        received=received,
        damaged=damaged,
        surplus=surplus,
    )
