"""Until when a bag is kept and what then: read off the rule that stood when she ordered; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from mall.catalogue.titles import reads_english
from mall.fulfilment.bagging import in_bag_order, storage_of
from mall.fulfilment.models import OverdueBag, OverduePolicy
from mall.ordering.models import OrderFulfilment
from payments.api import SHANGHAI, business_date, now

# However late goods arrive, nobody has less time than this to fetch them.
AT_LEAST: Final = timedelta(hours=4)


def kept_until(policy: OverduePolicy, order: OrderFulfilment) -> datetime:
    """Return the instant at which an arrived order's goods stop being kept.

    The days count from the pickup day, or from the day the goods came where that was later; never
    before the pickup hours of that day end.
    """
    sale, arrived_at = order.group_buy, order.arrived_at or now()
    day = max(sale.pickup_on, business_date(arrived_at)) + timedelta(days=policy.keep_days)
    evening = (
        max(policy.keep_until, sale.pickup_until) if not policy.keep_days else policy.keep_until
    )
    return max(datetime.combine(day, evening, tzinfo=SHANGHAI), arrived_at + AT_LEAST)


def reminders_due(policy: OverduePolicy, *, until: datetime, at: datetime) -> int:
    """Return how many of a rule's reminders are due at an instant."""
    return sum(until - timedelta(hours=hours) <= at for hours in policy.remind_hours)


def next_step(policy: OverduePolicy, *, until: datetime, reminded: int) -> datetime:
    """Return when the next reminder is due, or the end."""
    hours = sorted(policy.remind_hours, reverse=True)
    return until - timedelta(hours=hours[reminded]) if reminded < len(hours) else until


class Rules:
    """All rules, read once: which of them holds for an order."""

    def __init__(self) -> None:
        """Read them, the newest first."""
        self._rules = list(OverduePolicy.objects.order_by("-valid_from", "-pk"))

    def of(self, storage_class: str, *, placed_at: datetime) -> OverduePolicy | None:
        """Return the rule that stood for goods kept so when the order was placed, if any did."""
        wanted = storage_of(storage_class)
        for rule in self._rules:
            if rule.storage_class == wanted and rule.valid_from <= placed_at:
                return rule
        return None

    @property
    def first_at(self) -> datetime | None:
        """Return since when there is any rule."""
        return self._rules[-1].valid_from if self._rules else None


def texts_for(storage_classes: Iterable[str], *, placed_at: datetime | None = None) -> list[str]:
    """Return what residents read of the rules for goods kept so, one query; room temperature first.

    Without ``placed_at`` the rules for an order placed now.
    """
    rules, at = Rules(), placed_at or now()
    storages = in_bag_order(storage_of(each) for each in storage_classes)
    found = [rules.of(storage, placed_at=at) for storage in storages]
    return [words_of(rule) for rule in found if rule is not None]


def newest_rules(storage_classes: QuerySet[Any, Any]) -> list[OverduePolicy]:
    """Return the rules an order placed now is under, for a query of storage classes: one query."""
    newest: dict[str, OverduePolicy] = {}
    rules = OverduePolicy.objects.filter(storage_class__in=storage_classes, valid_from__lte=now())
    for rule in rules.order_by("valid_from", "pk"):
        newest[rule.storage_class] = rule
    return [newest[storage] for storage in in_bag_order(newest)]


def words_of(policy: OverduePolicy) -> str:
    """Return a rule's sentence in the reader's language."""
    return (reads_english() and policy.text_en) or policy.text


def no_shows(resident_ids: Collection[int]) -> dict[int, int]:
    """Return how many orders each resident did not collect in time, for the admin's eyes only."""
    counts: dict[int, set[int]] = {}
    gone = OverdueBag.objects.filter(order__resident__in=resident_ids, ended__in=DISPOSED)
    for resident, order in gone.values_list("order__resident_id", "order_id"):
        counts.setdefault(resident, set()).add(order)
    return {resident: len(orders) for resident, orders in counts.items()}


DISPOSED: Final = (
    OverdueBag.Ended.REFUND,
    OverdueBag.Ended.PART,
    OverdueBag.Ended.NOTHING,
    OverdueBag.Ended.RETURN,
)
