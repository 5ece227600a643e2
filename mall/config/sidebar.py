"""The admin's sidebar: what staff work with, grouped as they speak of it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mall.insight.admin import may_see_effect

Group = tuple[Promise, tuple[tuple[str, str], ...]]

BOOKS = _("Books")
CLAIMS = _("Claims and effect")
BALANCE_PAGE = "payments_trial_balance"
EFFECT_PAGE = "insight_effect"
MONEY_PAGE = "payments_money_search"
ORDERS = _("Orders")
RECONCILIATION = _("Reconciliation")
BOARD_PAGE = "fulfilment_board"
SHARE_PAGE = "fulfilment_share"
DAY_PAGE = "reconciliation_day"
_PAGES = (EFFECT_PAGE, BALANCE_PAGE, MONEY_PAGE, DAY_PAGE, BOARD_PAGE, SHARE_PAGE)
# Each group lists models by label with an icon; what a person may not view is not there for her.
SIDEBAR: tuple[Group, ...] = (
    (
        _("Group buying"),
        (
            ("groupbuy.GroupBuy", "campaign"),
            ("groupbuy.GroupBuyItem", "sell"),
            ("groupbuy.LeaderGroup", "groups"),
            ("groupbuy.Entry", "format_list_numbered"),
            ("groupbuy.SaleSchedule", "event_repeat"),
            ("groupbuy.Assortment", "shelves"),
            ("groupbuy.OwnSale", "how_to_reg"),
            ("groupbuy.BelowCostConsent", "price_check"),
            ("groupbuy.WaitingPlace", "hourglass_top"),
            ("groupbuy.CaptureInbox", "content_paste"),
            ("pickup.Community", "location_city"),
            ("pickup.PickupPoint", "storefront"),
            ("pickup.PointDay", "package_2"),
            ("pickup.PointHandover", "key"),
            ("pickup.PointTenure", "history"),
            ("pickup.PointHelper", "handshake"),
        ),
    ),
    (
        ORDERS,
        (
            ("ordering.OrderFulfilment", "receipt_long"),
            ("order.Order", "list_alt"),
            ("ordering.StockReservation", "inventory"),
            ("fulfilment.Delivery", "local_shipping"),
            ("fulfilment.Route", "alt_route"),
            ("fulfilment.Arrival", "inventory_2"),
            ("fulfilment.Shortage", "trending_down"),
            ("fulfilment.SortingReport", "report"),
            ("fulfilment.Collection", "qr_code_scanner"),
            ("fulfilment.Weighing", "scale"),
            ("fulfilment.ScaleDevice", "monitor_weight"),
            ("fulfilment.OverdueBag", "hourglass_bottom"),
            ("fulfilment.OverduePolicy", "rule"),
        ),
    ),
    (
        _("Messages"),
        (
            ("messaging.Message", "chat"),
            ("messaging.Delivery", "outgoing_mail"),
            ("webhooks.Webhook", "webhook"),
            ("webhooks.WebhookCall", "call_made"),
        ),
    ),
    (
        _("After-sales"),
        (
            ("aftersales.AfterSalesCase", "support_agent"),
            ("aftersales.CaseReason", "rule"),
            ("aftersales.Recall", "campaign"),
        ),
    ),
    (
        _("Suppliers and purchase"),
        (
            ("supply.PurchaseOrder", "shopping_cart"),
            ("mall_catalogue.SupplierProfile", "agriculture"),
            ("supply.ProductProposal", "lightbulb"),
            ("supply.StockDocument", "inventory_2"),
        ),
    ),
    (
        _("Payments"),
        (
            ("payments.Payment", "payments"),
            ("payments.Refund", "undo"),
            ("payments.Transfer", "send_money"),
            ("payments.Split", "call_split"),
            ("payments.SplitReturn", "call_merge"),
            ("payments.SplitReceiver", "storefront"),
            ("payments.Decision", "gavel"),
            ("payments.Incident", "warning"),
            ("payments.Notification", "inbox"),
            ("payments.ChannelFact", "fact_check"),
            ("payments.OutboxEvent", "outbox"),
            ("payments.OutboxDelivery", "mark_email_read"),
            ("payments.AcquirerAccount", "account_balance"),
            ("payments.RoutingRule", "alt_route"),
            ("payments.AcquirerHealth", "monitor_heart"),
        ),
    ),
    (
        _("Cards"),
        (
            ("payments.CardAgreement", "credit_card"),
            ("payments.FirstTie", "celebration"),
            ("payments.KnownCard", "group"),
            ("payments.SigningStreak", "front_hand"),
            ("payments.TyingAllowance", "speed"),
            ("payments.CardBin", "dialpad"),
            ("payments.BinImport", "history"),
            ("payments.ConsentText", "contract"),
        ),
    ),
    (
        RECONCILIATION,
        (
            ("reconciliation.ReconciliationCase", "difference"),
            ("reconciliation.Bill", "receipt"),
            ("reconciliation.SettlementBatch", "account_balance_wallet"),
            ("reconciliation.BankLine", "account_balance"),
            ("reconciliation.BankStatement", "upload_file"),
        ),
    ),
    (
        _("Leaders' settlement"),
        (
            ("groupleader.LeaderApplication", "person_add"),
            ("groupleader.Leader", "person_pin"),
            ("groupleader.SettlementStatement", "request_quote"),
            ("groupleader.CommissionAccrual", "savings"),
            ("groupleader.CommissionRule", "percent"),
            ("groupleader.CommissionTerms", "contract"),
            ("groupleader.Payout", "outgoing_mail"),
            ("groupleader.PayoutBatch", "folder_zip"),
            ("groupleader.PayeeChange", "switch_account"),
            ("groupleader.DeviceAct", "sync_problem"),
            ("groupleader.DeviceKey", "smartphone"),
        ),
    ),
    (
        BOOKS,
        (
            ("payments.JournalTransaction", "menu_book"),
            ("payments.JournalEntry", "swap_vert"),
            ("payments.LedgerSeal", "verified"),
            ("payments.OwnFunds", "savings"),
        ),
    ),
    (
        _("Special offers"),
        (
            ("promotions.BankOffer", "redeem"),
            ("promotions.Proposal", "how_to_reg"),
            ("promotions.OfferReservation", "confirmation_number"),
            ("ordering.DiscountDifference", "difference"),
            ("offer.ConditionalOffer", "sell"),
            ("offer.Range", "category"),
            ("voucher.Voucher", "local_activity"),
        ),
    ),
    (
        _("Points and red packets"),
        (
            ("loyalty.PointsProgramme", "loyalty"),
            ("loyalty.PointsAccount", "account_circle"),
            ("loyalty.PointsEntry", "swap_vert"),
            ("loyalty.PointsAdjustment", "edit_note"),
            ("loyalty.PointsUse", "shopping_cart_checkout"),
            ("loyalty.OrderEarning", "add_shopping_cart"),
            ("redpackets.RainSession", "thunderstorm"),
            ("redpackets.RainDraw", "casino"),
        ),
    ),
    (
        _("Consumption vouchers"),
        (
            ("vouchers.VoucherBatch", "confirmation_number"),
            ("vouchers.ClaimRound", "alarm"),
            ("vouchers.Voucher", "local_activity"),
            ("vouchers.HandGrant", "volunteer_activism"),
            ("vouchers.GiftRule", "card_giftcard"),
            ("vouchers.Gift", "featured_seasonal_and_gifts"),
            ("vouchers.RedemptionMerchant", "storefront"),
            ("vouchers.Redemption", "point_of_sale"),
        ),
    ),
    (
        CLAIMS,
        (
            ("claims.SubsidyClaim", "request_quote"),
            ("claims.SubsidyReceipt", "price_check"),
        ),
    ),
    (
        _("Banks"),
        (
            ("banks.BankUnit", "account_tree"),
            ("banks.BankStaff", "badge"),
        ),
    ),
    (
        _("Goods"),
        (
            ("catalogue.Product", "nutrition"),
            ("catalogue.Category", "account_tree"),
            ("catalogue.ProductClass", "label"),
            ("partner.Partner", "agriculture"),
            ("partner.StockRecord", "warehouse"),
            ("mall_catalogue.ProductExtra", "info"),
            ("mall_catalogue.Batch", "inventory_2"),
            ("mall_catalogue.PriceChange", "price_change"),
            ("mall_catalogue.DealDay", "show_chart"),
            ("mall_reviews.Review", "reviews"),
        ),
    ),
    (
        _("People"),
        (
            ("accounts.User", "person"),
            ("auth.Group", "shield_person"),
            ("accounts.Consent", "handshake"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar of this person: only what is registered and what she may view."""
    groups = []
    for number, (title, entries) in enumerate(SIDEBAR):
        items = [item for label, icon in entries if (item := _item(request, label, icon))]
        if title is ORDERS:
            items = _day_pages(request) + items
        if title is RECONCILIATION and _may_see_days(request):
            items.insert(0, _page(request, _("Day by day"), icon="today", name=DAY_PAGE))
        if title is CLAIMS and may_see_effect(request.user):
            items += [_page(request, _("Effect of offers"), icon="insights", name=EFFECT_PAGE)]
        if title is BOOKS and items:
            items += [_page(request, _("Trial balance"), icon="balance", name=BALANCE_PAGE)]
            items += [_page(request, _("One order's money"), icon="account_tree", name=MONEY_PAGE)]
        if items:
            groups.append(
                {"title": title, "separator": number > 0, "collapsible": True, "items": items}
            )
    return groups


def _day_pages(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the pages of the day's work she may use."""
    pages = []
    if request.user.has_perm("fulfilment.view_delivery"):
        pages += [_page(request, _("The day's deliveries"), icon="dashboard", name=BOARD_PAGE)]
    if request.user.has_perm("fulfilment.share_shortage"):
        title = _("Shortages announced by suppliers")
        pages += [_page(request, title, icon="call_split", name=SHARE_PAGE)]
    return pages


def _may_see_days(request: HttpRequest) -> bool:
    return request.user.has_perm("reconciliation.view_bill")


def _item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    model_admin = admin.site._registry.get(model)  # noqa: SLF001 - no other way to look
    if model_admin is None or not model_admin.has_view_permission(request):
        return None
    meta = model_admin.opts
    link = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    is_here = request.path.startswith(link) and not _is_page_of_its_own(request.path)
    return {"title": meta.verbose_name_plural, "icon": icon, "link": link, "active": is_here}


def _page(request: HttpRequest, title: Promise, *, icon: str, name: str) -> dict[str, Any]:
    link = reverse(f"admin:{name}")
    return {"title": title, "icon": icon, "link": link, "active": request.path.startswith(link)}


def _is_page_of_its_own(path: str) -> bool:
    return any(path.startswith(reverse(f"admin:{name}")) for name in _PAGES)
