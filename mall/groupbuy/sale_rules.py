"""What must always be true of sales and what they offer: counted again from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Exists, OuterRef, Q

from mall.groupbuy.models import BelowCostConsent, Entry, GroupBuyItem, LeaderGroup, State
from mall.groupbuy.readiness import needs_consent
from mall.groupbuy.tiers import check_tiers
from payments.api import CheckResult, result_of

# Where the groups of a sale may stand while it stands there; failed ones stay failed.
_GROUPS_OF: Final[dict[str, tuple[str, ...]]] = {
    State.DRAFT: (State.DRAFT,),
    State.SCHEDULED: (State.SCHEDULED,),
    State.OPEN: (State.OPEN, State.FAILED),
    State.CLOSED: (State.CLOSED, State.FAILED),
    State.FORMED: (State.FORMED, State.FAILED),
    State.FAILED: (State.FAILED,),
    State.ORDERED: (State.ORDERED, State.ARRIVED, State.FAILED),
    State.ARRIVED: (State.ARRIVED, State.SETTLED, State.FAILED),
    State.SETTLED: (State.SETTLED, State.FAILED),
}


def check_terms() -> list[CheckResult]:
    """Return one result per rule of sales, items and entries."""
    return [_tiers(), _below_cost(), _results(), _states(), _entry_items()]


def _tiers() -> CheckResult:
    """G3: prices by quantity rise in pieces and fall in price."""
    items = GroupBuyItem.objects.exclude(tiers=[])

    def wrong() -> Iterator[tuple[str, str]]:
        for item in items.iterator():
            try:
                check_tiers(item.tiers, price_minor=item.price_minor)
            except ValueError:
                yield f"item {item.pk}", f"tiers {item.tiers} below {item.price_minor}"

    return result_of("G3 prices by quantity get better", rows=items.count(), wrong=wrong())


def _below_cost() -> CheckResult:
    """G4: what is offered below cost was asked for by one person and agreed to by another."""
    agreed = BelowCostConsent.objects.filter(item=OuterRef("pk"), agreed_at__isnull=False)
    items = GroupBuyItem.objects.filter(group_buy__state__in=[State.SCHEDULED, State.OPEN])

    def wrong() -> Iterator[tuple[str, str]]:
        for item in items.annotate(has_consent=Exists(agreed)).iterator():
            if needs_consent(item) and not item.has_consent:
                yield f"item {item.pk}", f"{item.lowest_minor} fen, costs {item.cost_minor}"

    return result_of("G4 two people sell below cost", rows=items.count(), wrong=wrong())


def _results() -> CheckResult:
    """G5: a sale that is cut has a result for every item."""
    items = GroupBuyItem.objects.filter(group_buy__cut_at__isnull=False)
    broken = items.filter(final_quantity=None)
    wrong = ((f"item {item.pk}", "its sale is cut, it has no result") for item in broken.iterator())
    return result_of("G5 a cut sale has results", rows=items.count(), wrong=wrong)


def _states() -> CheckResult:
    """G6: the groups of a sale stand where their sale does."""
    fits = Q()
    for state, stands in _GROUPS_OF.items():
        fits |= Q(group_buy__state=state, state__in=stands)
    groups = LeaderGroup.objects.select_related("group_buy")
    wrong = (
        (group.share_code, f"{group.state}, its sale is {group.group_buy.state}")
        for group in groups.exclude(fits).iterator()
    )
    return result_of("G6 groups follow their sale", rows=groups.count(), wrong=wrong)


def _entry_items() -> CheckResult:
    """G7: the pieces by item of a chain entry are the pieces it counts."""
    entries = Entry.objects.filter(withdrawn_at=None).exclude(items={})

    def wrong() -> Iterator[tuple[str, str]]:
        for entry in entries.only("order_no", "items", "quantity").iterator():
            if sum(entry.items.values()) != entry.quantity:
                yield entry.order_no, f"{entry.items} are not {entry.quantity} pieces"

    return result_of("G7 entries know their items", rows=entries.count(), wrong=wrong())
