"""Which models the admin's sidebar shows, in groups as staff speak of them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Group = tuple[Promise, tuple[tuple[str, str], ...]]

BOOKS = _("Books")
LEADERS = _("Leaders' settlement")
CLAIMS = _("Claims and effect")
ORDERS = _("Orders")
RECONCILIATION = _("Reconciliation")
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
            ("groupleader.Broadcast", "campaign"),
            ("groupleader.BroadcastStop", "block"),
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
        LEADERS,
        (
            ("groupleader.LeaderApplication", "person_add"),
            ("groupleader.Leader", "person_pin"),
            ("groupleader.SettlementStatement", "request_quote"),
            ("groupleader.SupplierAccount", "local_shipping"),
            ("groupleader.SupplierDue", "receipt"),
            ("groupleader.Deduction", "remove_circle"),
            ("groupleader.Correction", "edit_note"),
            ("groupleader.TaxReport", "account_balance"),
            ("groupleader.TaxRemittance", "gavel"),
            ("groupleader.TaxIdentity", "badge"),
            ("groupleader.CommissionAccrual", "savings"),
            ("groupleader.CommissionRule", "percent"),
            ("groupleader.KeeperShare", "storefront"),
            ("groupleader.OwnOrder", "policy"),
            ("groupleader.CommissionTerms", "contract"),
            ("groupleader.Payout", "outgoing_mail"),
            ("groupleader.PayoutBatch", "folder_zip"),
            ("groupleader.PayeeChange", "switch_account"),
            ("groupleader.ReceiverChange", "call_split"),
            ("groupleader.NumberAsked", "call"),
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
