"""Why an order cannot be placed, paid or cancelled, with the figures the screen needs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class OrderGoneError(LinliError):
    """There is no such order of this resident."""

    code = "no_such_order"
    http_status = 404
    message = _("We could not find this order.")


class PayLinkOverError(OrderGoneError):
    """A link to pay for somebody is too old to show anything any more."""

    code = "pay_link_over"
    http_status = 410
    message = _("This link is too old. If something is still to be paid, ask the group leader.")


class EmptyBasketError(LinliError):
    """Nothing to order."""

    code = "basket_empty"
    message = _("Your basket is empty.")


class PriceChangedError(LinliError):
    """The amount shown is no longer right; nothing was written.

    Data (fen): goods_minor, voucher_minor, points_minor, offer_minor, discount_minor (their sum),
    payable_minor as they are now, and was_minor, what was shown.
    """

    code = "price_changed"
    message = _("The amount has changed. Please look at the new amount and confirm again.")


class StockHeldError(LinliError):
    """Less would be in stock than orders hold; data: stockrecords."""

    code = "stock_held"
    message = _("Orders hold more of these goods than would be left in stock.")


class SoldOutError(LinliError):
    """Less is left than was wanted; data: items = [{item_id, title, wanted, left}]."""

    code = "sold_out"
    message = _("Some of your goods have just been sold out.")


class LimitError(LinliError):
    """More than one resident may have; data: items = [{item_id, title, wanted, left, scope}].

    Scope: order, day or resident (in all).
    """

    code = "over_limit"
    message = _("You would have more of some goods than one resident may buy.")


class MinimumOrderError(LinliError):
    """Less than the group takes; data (fen): minimum_minor, missing_minor."""

    code = "below_minimum"


class SalesPausedError(LinliError):
    """The mall takes no orders at this hour; data: until (HH:MM)."""

    code = "sales_paused"


class NoNameError(LinliError):
    """Whoever an order is placed for has a name."""

    code = "no_name"
    http_status = 400
    message = _("Please say who the order is for.")


class TooManyForOthersError(LinliError):
    """A leader has too many unpaid orders for others in a group; data: unpaid."""

    code = "too_many_for_others"


class NotChangeableError(LinliError):
    """An order cannot be changed (any more); data: status."""

    code = "not_changeable"
    message = _("This order can no longer be changed.")


class OnlyFewerError(LinliError):
    """A change takes goods off; data: line_id, wanted, left."""

    code = "only_fewer"
    http_status = 400
    message = _("Here you can only take goods off. For more of something, place another order.")


class NotMovableError(LinliError):
    """An order cannot go to that group; data: status, or what of it is missing there."""

    code = "not_movable"
    message = _("This order cannot be moved to that group.")


class NoReasonError(LinliError):
    """What staff do to somebody's order has a reason."""

    code = "no_reason"
    http_status = 400
    message = _("Please say why.")


class DearerThereError(LinliError):
    """Some goods cost more where the order should go.

    Data (fen): was_minor, is_minor, lines = [{line_id, title, was_minor, is_minor}] that do.
    """

    code = "dearer_there"


class WayRefusedError(LinliError):
    """The way of payment is not (any longer) one of the resident's; data: way."""

    code = "way_refused"
    message = _("Please choose how to pay again.")


class CheckoutKeyError(LinliError):
    """The checkout key was used for another basket."""

    code = "checkout_key_used"
    message = _("This checkout has already been used. Please reload the page.")


class NotPayableError(LinliError):
    """The order no longer waits for payment; data: status."""

    code = "not_payable"
    message = _("This order is no longer waiting for payment.")


class StillCheckingError(LinliError):
    """The earlier payment is not surely over; data: payment_no."""

    code = "still_checking"
    message = _("We are still checking your earlier payment. Please try again in a moment.")


class NotClosableError(LinliError):
    """The acquirer of the earlier payment cannot call it back; data: payment_no, until."""

    code = "not_closable"
    message = _("Your earlier payment cannot be called back. Please finish it at the bank.")


class NotCancellableError(LinliError):
    """Too late to cancel; data: status."""

    code = "not_cancellable"
    message = _("This order can no longer be cancelled.")
