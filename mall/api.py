"""The door into the mall for the floor above: leaders' groups, deliveries, bags and hand-overs.

What happens to orders is told by facts: order.placed, order.paid, order.confirmed, order.arrived,
order.collected, order.uncollected, order.closed, order.cancelled, order.refunded, line.refunded.
Their payload is described in mall.ordering.facts. Sale facts: groupbuy.opened, groupbuy.closed,
groupbuy.formed, groupbuy.failed, groupbuy.ordered.
"""

from __future__ import annotations

from mall.aftersales.errors import AskedNothingError, CaseGoneError
from mall.aftersales.leader_acts import (
    approve_case,
    cases_to_decide,
    offer_on_case,
    pass_case_on,
    reject_case,
    write_on_case,
)
from mall.aftersales.leaders import (
    LeaderCase,
    LeaderCasePage,
    cases_of_neighbour,
    leader_case,
    leader_cases,
)
from mall.aftersales.selectors import open_cases_by_resident
from mall.catalogue.suppliers import supplier_names
from mall.fulfilment.audiences import AUDIENCES, count_audience, next_of_audience
from mall.fulfilment.bags import OrderRow, OrderRows, orders_of_leader, own_order_no
from mall.fulfilment.board import (
    BoardGroup,
    Desk,
    ItemRow,
    Progress,
    desk_of,
    group_at_counter,
    group_of_leader,
    groups_at_counter,
    groups_of_leader,
    items_ordered,
    items_to_receive,
    points_at_counter,
    points_of_leader,
    progress_of,
)
from mall.fulfilment.capture_orders import (
    CaptureGoneError,
    neighbours_named,
    order_captured,
)
from mall.fulfilment.collecting import (
    collect_by_code,
    collect_by_token,
    collect_order,
    collect_part,
    collect_together,
)
from mall.fulfilment.counter import Bag, BagLine, Visit, bag_of, just_collected
from mall.fulfilment.day_bags import (
    DayBag,
    DayDelivery,
    bags_of_the_day,
    deliveries_of_the_day,
)
from mall.fulfilment.errors import (
    BeyondToleranceError,
    CodeUnknownError,
    CountsError,
    LineUnknownError,
    NotCollectableError,
    NotDispatchableError,
    NotExtendableError,
    NotUndoableError,
    NotYourPointError,
    PartError,
    ScreenLockedError,
)
from mall.fulfilment.finding import find_by_code, find_by_tail, find_by_token
from mall.fulfilment.for_others import (
    ForOther,
    GroupGood,
    goods_of_group,
    placed_for,
    placed_for_others,
)
from mall.fulfilment.group_sheets import GroupFigures, group_figures, group_paper
from mall.fulfilment.handing_points import (
    hand_over_point,
    orders_between,
    preview_handover,
    what_waits,
)
from mall.fulfilment.labels import Label
from mall.fulfilment.neighbours import Neighbour, find_neighbours, reach_of
from mall.fulfilment.papers.bag_codes import side_of as label_side
from mall.fulfilment.papers.bag_codes import svg_path as label_path
from mall.fulfilment.papers.labels import SHEET as LABEL_SHEET
from mall.fulfilment.papers.labels import SIZES as LABEL_SIZES
from mall.fulfilment.papers.labels import label_pdf
from mall.fulfilment.papers.tables import KINDS as PAPER_KINDS
from mall.fulfilment.papers.tables import write as write_paper
from mall.fulfilment.previews import Preview
from mall.fulfilment.receipts import ReceiptShown, give_places_of_group, preview_arrival, receipt_of
from mall.fulfilment.receiving import Receipt, record_arrival
from mall.fulfilment.residents import FILTERS as RESIDENT_FILTERS
from mall.fulfilment.residents import (
    ResidentRow,
    ResidentRows,
    last_orders_with,
    resident_of_leader,
    residents_of_leader,
)
from mall.fulfilment.sale_progress import sale_progress
from mall.fulfilment.sorting import bag_done, report_missing, tick_item, tick_line
from mall.fulfilment.sorting_board import (
    SortBoard,
    labels_of_group,
    reports_of,
    sheet_of_group,
    shortages_of,
    sorting_of,
)
from mall.fulfilment.today import (
    GroupToSort,
    NextBag,
    ShopSign,
    groups_to_sort,
    next_bags,
    signs_of,
)
from mall.fulfilment.told_later import GivenThen, Told, tell_arrival, tell_hand_over, tell_undo
from mall.fulfilment.tracing import bag_of_code
from mall.fulfilment.undoing import undo_collection
from mall.fulfilment.waiting import WaitingBag, extend_storage, phone_to_call, waiting_bags
from mall.fulfilment.weighing import Weigher, undo_weighing
from mall.fulfilment.weighing_desk import (
    TARES,
    WeighRow,
    line_to_weigh,
    lines_to_weigh,
    weigh_by_hand,
)
from mall.groupbuy.capturing import InboxView as CaptureInboxView
from mall.groupbuy.capturing import LineView as CaptureLineView
from mall.groupbuy.capturing import drop as drop_captured
from mall.groupbuy.capturing import inboxes_of
from mall.groupbuy.capturing import paste as paste_chain
from mall.groupbuy.capturing import take_up_again as take_up_captured
from mall.groupbuy.cards import EntryRow
from mall.groupbuy.errors import OwnSaleError
from mall.groupbuy.own_drafts import OwnSaleGoneError, own_sale_of_group
from mall.groupbuy.own_drafts import plan_of as own_plan_of
from mall.groupbuy.own_plans import OwnItem, OwnPlan
from mall.groupbuy.own_sales import change as change_own_sale
from mall.groupbuy.own_sales import create as create_own_sale
from mall.groupbuy.own_sales import hand_in as hand_in_own_sale
from mall.groupbuy.own_sales import publish_sale as publish_own_sale
from mall.groupbuy.own_shelves import OfferedShelf, OwnSaleView, own_sale, own_sales_of, shelves_of
from mall.groupbuy.prolonging import prolong_by_leader
from mall.groupbuy.selectors import entries_page, last_entries
from mall.insight.leader_figures import LeaderFigures, last_groups, leader_figures
from mall.insight.line_money import LineMoney, line_money
from mall.insight.naming import find_named, name_of
from mall.insight.own_orders import own_order_signs
from mall.ordering.behalf import cancel_for, pay_link_of, place_for
from mall.ordering.errors import OrderGoneError
from mall.papers.page import MARGIN as PAPER_MARGIN
from mall.papers.page import WIDTH as PAPER_WIDTH
from mall.papers.page import Column as PaperColumn
from mall.papers.page import Page as PaperPage
from mall.papers.uploads import UploadRefusedError, paper_of, picture_of
from mall.pickup.errors import HandoverError, HandoverOpenError, HelperError, HelperGoneError
from mall.pickup.founding import (
    Place,
    add_community,
    communities_in,
    community_named,
    districts,
    found_point,
    kind_labels,
    middle_of,
    points_near,
)
from mall.pickup.helping import (
    accept_invitation,
    end_helper,
    helped_points,
    helpers_of,
    invitations_of,
    invite_helper,
)
from mall.pickup.helping import decline as decline_invitation
from mall.pickup.keepers import call_off as call_off_handover
from mall.pickup.keepers import open_handover, pause_points, resume_points, tenures_of
from mall.pickup.signs import add_break, drop_break, points_kept, set_hours, set_sign
from mall.pickup.standing_in import end_stand_ins, stand_in, stand_ins_at
from mall.supply.errors import LinkDeadError, TooOftenError
from mall.supply.link_sending import send_link as send_supplier_link
from mall.supply.links import count_write as count_supplier_write
from mall.supply.links import make_link as make_supplier_link
from mall.supply.links import open_link as open_supplier_link
from mall.telling.broadcasts import BatchFigures, figures_of_batches, tell_neighbours

__all__ = [
    "AUDIENCES",
    "LABEL_SHEET",
    "LABEL_SIZES",
    "PAPER_KINDS",
    "PAPER_MARGIN",
    "PAPER_WIDTH",
    "RESIDENT_FILTERS",
    "TARES",
    "AskedNothingError",
    "Bag",
    "BagLine",
    "BatchFigures",
    "BeyondToleranceError",
    "BoardGroup",
    "CaptureGoneError",
    "CaptureInboxView",
    "CaptureLineView",
    "CaseGoneError",
    "CodeUnknownError",
    "CountsError",
    "DayBag",
    "DayDelivery",
    "Desk",
    "EntryRow",
    "ForOther",
    "GivenThen",
    "GroupFigures",
    "GroupGood",
    "GroupToSort",
    "HandoverError",
    "HandoverOpenError",
    "HelperError",
    "HelperGoneError",
    "ItemRow",
    "Label",
    "LeaderCase",
    "LeaderCasePage",
    "LeaderFigures",
    "LineMoney",
    "LineUnknownError",
    "LinkDeadError",
    "Neighbour",
    "NextBag",
    "NotCollectableError",
    "NotDispatchableError",
    "NotExtendableError",
    "NotUndoableError",
    "NotYourPointError",
    "OfferedShelf",
    "OrderGoneError",
    "OrderRow",
    "OrderRows",
    "OwnItem",
    "OwnPlan",
    "OwnSaleError",
    "OwnSaleGoneError",
    "OwnSaleView",
    "PaperColumn",
    "PaperPage",
    "PartError",
    "Place",
    "Preview",
    "Progress",
    "Receipt",
    "ReceiptShown",
    "ResidentRow",
    "ResidentRows",
    "ScreenLockedError",
    "ShopSign",
    "SortBoard",
    "Told",
    "TooOftenError",
    "UploadRefusedError",
    "Visit",
    "WaitingBag",
    "WeighRow",
    "Weigher",
    "accept_invitation",
    "add_break",
    "add_community",
    "approve_case",
    "bag_done",
    "bag_of",
    "bag_of_code",
    "bags_of_the_day",
    "call_off_handover",
    "cancel_for",
    "cases_of_neighbour",
    "cases_to_decide",
    "change_own_sale",
    "collect_by_code",
    "collect_by_token",
    "collect_order",
    "collect_part",
    "collect_together",
    "communities_in",
    "community_named",
    "count_audience",
    "count_supplier_write",
    "create_own_sale",
    "decline_invitation",
    "deliveries_of_the_day",
    "desk_of",
    "districts",
    "drop_break",
    "drop_captured",
    "end_helper",
    "end_stand_ins",
    "entries_page",
    "extend_storage",
    "figures_of_batches",
    "find_by_code",
    "find_by_tail",
    "find_by_token",
    "find_named",
    "find_neighbours",
    "found_point",
    "give_places_of_group",
    "goods_of_group",
    "group_at_counter",
    "group_figures",
    "group_of_leader",
    "group_paper",
    "groups_at_counter",
    "groups_of_leader",
    "groups_to_sort",
    "hand_in_own_sale",
    "hand_over_point",
    "helped_points",
    "helpers_of",
    "inboxes_of",
    "invitations_of",
    "invite_helper",
    "items_ordered",
    "items_to_receive",
    "just_collected",
    "kind_labels",
    "label_path",
    "label_pdf",
    "label_side",
    "labels_of_group",
    "last_entries",
    "last_groups",
    "last_orders_with",
    "leader_case",
    "leader_cases",
    "leader_figures",
    "line_money",
    "line_to_weigh",
    "lines_to_weigh",
    "make_supplier_link",
    "middle_of",
    "name_of",
    "neighbours_named",
    "next_bags",
    "next_of_audience",
    "offer_on_case",
    "open_cases_by_resident",
    "open_handover",
    "open_supplier_link",
    "order_captured",
    "orders_between",
    "orders_of_leader",
    "own_order_no",
    "own_order_signs",
    "own_plan_of",
    "own_sale",
    "own_sale_of_group",
    "own_sales_of",
    "paper_of",
    "pass_case_on",
    "paste_chain",
    "pause_points",
    "pay_link_of",
    "phone_to_call",
    "picture_of",
    "place_for",
    "placed_for",
    "placed_for_others",
    "points_at_counter",
    "points_kept",
    "points_near",
    "points_of_leader",
    "preview_arrival",
    "preview_handover",
    "progress_of",
    "prolong_by_leader",
    "publish_own_sale",
    "reach_of",
    "receipt_of",
    "record_arrival",
    "reject_case",
    "report_missing",
    "reports_of",
    "resident_of_leader",
    "residents_of_leader",
    "resume_points",
    "sale_progress",
    "send_supplier_link",
    "set_hours",
    "set_sign",
    "sheet_of_group",
    "shelves_of",
    "shortages_of",
    "signs_of",
    "sorting_of",
    "stand_in",
    "stand_ins_at",
    "supplier_names",
    "take_up_captured",
    "tell_arrival",
    "tell_hand_over",
    "tell_neighbours",
    "tell_undo",
    "tenures_of",
    "tick_item",
    "tick_line",
    "undo_collection",
    "undo_weighing",
    "waiting_bags",
    "weigh_by_hand",
    "what_waits",
    "write_on_case",
    "write_paper",
]
