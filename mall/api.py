"""The door into the mall for the floor above: leaders' groups, deliveries, bags and hand-overs.

What happens to orders is told by facts: order.placed, order.paid, order.confirmed, order.arrived,
order.collected, order.uncollected, order.closed, order.cancelled, order.refunded, line.refunded.
Their payload is described in mall.ordering.facts. Sale facts: groupbuy.opened, groupbuy.closed,
groupbuy.formed, groupbuy.failed, groupbuy.ordered.
"""

from __future__ import annotations

from mall.fulfilment.bags import (
    Bag,
    BagLine,
    OrderRow,
    OrderRows,
    bag_of,
    just_collected,
    orders_of_leader,
    own_order_no,
)
from mall.fulfilment.board import (
    BoardGroup,
    Desk,
    ItemRow,
    Progress,
    desk_of,
    group_of_leader,
    groups_of_leader,
    items_ordered,
    items_to_receive,
    points_of_leader,
    progress_of,
)
from mall.fulfilment.collecting import (
    collect_by_code,
    collect_by_token,
    collect_order,
    collect_part,
    collect_together,
)
from mall.fulfilment.errors import (
    CodeUnknownError,
    CountsError,
    NotCollectableError,
    NotDispatchableError,
    NotUndoableError,
    NotYourPointError,
    ScreenLockedError,
)
from mall.fulfilment.finding import find_by_code, find_by_tail, find_by_token
from mall.fulfilment.receiving import record_arrival
from mall.fulfilment.undoing import undo_collection
from mall.groupbuy.selectors import entries_page
from mall.ordering.errors import OrderGoneError

__all__ = [
    "Bag",
    "BagLine",
    "BoardGroup",
    "CodeUnknownError",
    "CountsError",
    "Desk",
    "ItemRow",
    "NotCollectableError",
    "NotDispatchableError",
    "NotUndoableError",
    "NotYourPointError",
    "OrderGoneError",
    "OrderRow",
    "OrderRows",
    "Progress",
    "ScreenLockedError",
    "bag_of",
    "collect_by_code",
    "collect_by_token",
    "collect_order",
    "collect_part",
    "collect_together",
    "desk_of",
    "entries_page",
    "find_by_code",
    "find_by_tail",
    "find_by_token",
    "group_of_leader",
    "groups_of_leader",
    "items_ordered",
    "items_to_receive",
    "just_collected",
    "orders_of_leader",
    "own_order_no",
    "points_of_leader",
    "progress_of",
    "record_arrival",
    "undo_collection",
]
