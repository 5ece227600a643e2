"""Every message the mall sends: what it says, whom it may disturb, and how.

Words name their figures in braces; figures come from the message's values (see wording).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.messaging.models import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One sort of message."""

    title: Promise
    body: Promise
    category: Category = Category.ORDERS
    # also to her telephone; else she finds it in the mall
    goes_out: bool = True
    # at night too, and beyond the number a day
    is_urgent: bool = False
    # a setting without which it goes by chat app only: a text message costs money
    texts_if: str = ""


KINDS: Final[dict[str, Kind]] = {
    "order.paid": Kind(
        title=_("Paid"),
        body=_("{group}: {payable} yuan paid. Collect {pickup} at {point}."),
        goes_out=False,
    ),
    "order.pay_link": Kind(
        title=_("Your leader ordered for you"),
        body=_("{leader} ordered {goods} for you, {payable} yuan. Pay until {expires}: {url}"),
        is_urgent=True,
    ),
    "order.expired": Kind(
        title=_("Order cancelled: not paid in time"),
        body=_("{group}: your order was not paid in time. Nothing was charged."),
        goes_out=False,
    ),
    "order.changed": Kind(
        title=_("Your order was changed"),
        body=_("{group}: your order was changed. {refund} yuan go back the way you paid."),
        goes_out=False,
    ),
    "order.moved": Kind(
        title=_("Your order moved"),
        body=_("Your order is now collected {pickup} at {point}, {address}."),
    ),
    "order.redated": Kind(
        title=_("Another pickup day"),
        body=_("{group}: the day has changed. Please collect {pickup} at {point}, {address}."),
    ),
    "group.redated": Kind(
        title=_("Your group has another pickup day"),
        body=_("{group} is collected {pickup} at {point}: {orders} orders. Everybody was told."),
        category=Category.WORK,
    ),
    "order.not_formed": Kind(
        title=_("The group did not form"),
        body=_("{group} did not reach its minimum. All {refund} yuan go back the way you paid."),
    ),
    "order.arrived": Kind(
        title=_("Ready for collection"),
        body=_("{group} is at {point}. Pickup code {code}, until {until}."),
    ),
    "back.shortage": Kind(
        title=_("Something did not come"),
        body=_("{group}: {goods} did not come. {refund} yuan go back the way you paid."),
    ),
    "back.tier": Kind(
        title=_("A lower price was reached"),
        body=_("{group}: together you reached a lower price. {refund} yuan go back to you."),
    ),
    "back.lot": Kind(
        title=_("No full case came together"),
        body=_("{group}: of {goods} no full case came together. {refund} yuan go back to you."),
    ),
    "back.not_formed": Kind(
        title=_("Not enough neighbours wanted it"),
        body=_("{group}: {goods} did not reach the minimum. {refund} yuan go back to you."),
    ),
    "back.weight": Kind(
        title=_("Lighter than estimated"),
        body=_("{goods} weighed less than estimated. {refund} yuan go back the way you paid."),
        goes_out=False,
    ),
    "back.staff": Kind(
        title=_("Taken off by the mall"),
        body=_("{group}: {goods} had to be taken off. {refund} yuan go back the way you paid."),
    ),
    "back.recall": Kind(
        title=_("Money back for goods called back"),
        body=_("{goods} were called back. {refund} yuan go back the way you paid."),
        goes_out=False,
    ),
    "order.refunded": Kind(
        title=_("Your money is back"),
        body=_("{group}: all {refund} yuan were returned the way you paid."),
        goes_out=False,
    ),
    "order.refund_failed": Kind(
        title=_("Your money could not be returned"),
        body=_("{refund} yuan could not go back to your card. We will call you about it."),
    ),
    "order.overdue": Kind(
        title=_("Please collect your goods"),
        body=_("{group} waits for you at {point} until {until}. Pickup code {code}."),
        category=Category.REMINDERS,
    ),
    "order.disposed": Kind(
        title=_("Your goods were not collected"),
        body=_("{group}: the goods could not be kept any longer. {refund} yuan go back to you."),
    ),
    "order.disposed_without": Kind(
        title=_("Your goods were not collected"),
        body=_("{group}: the goods could not be kept any longer, as the order page had said."),
    ),
    "group.closing": Kind(
        title=_("Soon cut off"),
        body=_("{group} closes at {closes}. There is something in your basket."),
        category=Category.REMINDERS,
    ),
    "group.closing_leader": Kind(
        title=_("Your group closes soon"),
        body=_("{group} closes at {closes}: {orders} orders so far."),
        category=Category.WORK,
        goes_out=False,
    ),
    "group.has_room": Kind(
        title=_("There is room again"),
        body=_("{group}: there is room for your order again, first come, first served."),
        category=Category.NEWS,
    ),
    "group.broadcast": Kind(
        title=_("A word from {leader}"),
        body=_("{group}: {text}"),
        category=Category.LEADER,
        texts_if="LINLI_BROADCAST_TEXTS",
    ),
    "own_sale.approved": Kind(
        title=_("Your sale was approved"),
        body=_("{group} opens as you planned."),
        category=Category.WORK,
    ),
    "own_sale.refused": Kind(
        title=_("Your sale was not approved"),
        body=_("{group}: {reason}. Change it and hand it in again."),
        category=Category.WORK,
    ),
    "leader.applied": Kind(
        title=_("Your application as a group leader"),
        body=_("{name}, thank you. We look at your application and answer here."),
        category=Category.WORK,
        goes_out=False,
    ),
    "leader.approved": Kind(
        title=_("You are a group leader now"),
        body=_("Welcome, {name}. Turn your sign to open when you are ready."),
        category=Category.WORK,
    ),
    "leader.refused": Kind(
        title=_("Your application as a group leader"),
        body=_("We could not say yes: {reason}. You can apply again."),
        category=Category.WORK,
    ),
    "leader.suspended": Kind(
        title=_("Your leader account is paused"),
        body=_("Reason: {reason}. What you have earned stays yours. Please call us."),
        category=Category.WORK,
    ),
    "leader.reinstated": Kind(
        title=_("Your leader account is open again"),
        body=_("You can lead again. Your sign stands as you left it."),
        category=Category.WORK,
    ),
    "point.given": Kind(
        title=_("A pickup point was handed over"),
        body=_("{point} has another leader now. What you have earned stays yours. Keys: {keys}"),
        category=Category.WORK,
    ),
    "point.taken_over": Kind(
        title=_("You keep a pickup point now"),
        body=_("{point} is yours now, with what waits there. Keys: {keys}"),
        category=Category.WORK,
    ),
    "helper.invited": Kind(
        title=_("Invited to help"),
        body=_("{leader} asks you to help at {point}. Sign in with this number: {url}"),
        category=Category.WORK,
    ),
    "helper.accepted": Kind(
        title=_("Your helper said yes"),
        body=_("{name} helps at {point} from now on."),
        category=Category.WORK,
    ),
    "case.opened": Kind(
        title=pgettext_lazy("message", "A new after-sales case"),
        body=_("{goods}: somebody in your group asks for {asked} yuan back. Please decide."),
        category=Category.WORK,
    ),
    "case.offered": Kind(
        title=_("An offer for your after-sales case"),
        body=_("{goods}: {refund} yuan are offered to you. Please answer until {until}."),
    ),
    "case.message": Kind(
        title=_("A message about an after-sales case"),
        body=_("{goods}: there is an answer for you."),
    ),
    "case.approved": Kind(
        title=_("Your after-sales case was decided"),
        body=_("{goods}: {refund} yuan go back the way you paid. {text}"),
    ),
    "case.rejected": Kind(
        title=_("Your after-sales case was decided"),
        body=_("{goods}: the request was not granted. Reason: {text}"),
    ),
    "case.compensated": Kind(
        title=_("A little extra from the mall"),
        body=_("{goods}: we are sorry. {refund} yuan more go back the way you paid."),
    ),
    "batch.recalled": Kind(
        title=_("Please do not eat: goods called back"),
        body=_("{goods} (batch {batch}) is called back: {reason}. Please do not use it."),
        is_urgent=True,
    ),
    "review.hidden": Kind(
        title=_("Your review is not shown"),
        body=_("{goods}: your review is hidden. Reason: {reason}"),
        goes_out=False,
    ),
    "delivery.dispatched": Kind(
        title=_("The goods are on their way"),
        body=_("The van for {point} has left: {pieces} pieces. Driver: {driver}"),
        category=Category.WORK,
    ),
    "proposal.approved": Kind(
        title=_("Your proposal was approved"),
        body=_("{goods}: what you proposed counts from now on."),
        category=Category.WORK,
    ),
    "proposal.refused": Kind(
        title=_("Your proposal was not approved"),
        body=_("{goods}: not approved. Reason: {reason}"),
        category=Category.WORK,
    ),
    "purchase.sent": Kind(
        title=_("Purchase order"),
        body=_("Purchase order {number} waits for your answer: {url}"),
        category=Category.WORK,
        is_urgent=True,
    ),
    "purchase.reminder": Kind(
        title=_("Purchase order not acknowledged"),
        body=_("Please acknowledge purchase order {number}: {url}"),
        category=Category.WORK,
    ),
    "supplier.link": Kind(
        title=_("Your goods and statements"),
        body=_("Your goods and statements at the mall: {url}"),
        category=Category.WORK,
        is_urgent=True,
    ),
    "supplier.statement": Kind(
        title=_("Your statement"),
        body=_("Statement {number} is ready for you to look at: {url}"),
        category=Category.WORK,
        is_urgent=True,
    ),
    "payout.paid": Kind(
        title=_("Your earnings were paid"),
        body=_("{amount} yuan of statement {number} were paid to {account}."),
        category=Category.WORK,
        goes_out=False,
    ),
    "payout.failed": Kind(
        title=_("A payment did not go through"),
        body=_("{amount} yuan of statement {number} could not be paid yet. We look at it."),
        category=Category.WORK,
    ),
    "payout.account_refused": Kind(
        title=_("Please check your account"),
        body=_("{amount} yuan could not be paid to {account}. Please correct the account."),
        category=Category.WORK,
    ),
    "payout.returned": Kind(
        title=_("Your bank sent the money back"),
        body=_("{amount} yuan came back from {account}. Please check or change the account."),
        category=Category.WORK,
    ),
    "payee.changed": Kind(
        title=_("The account for your earnings was changed"),
        body=_("Before: {old}. Now: {new}. Was this not you? Stop payouts: {url}"),
        category=Category.WORK,
        is_urgent=True,
    ),
    "payee.denied": Kind(
        title=_("An account was changed by somebody else"),
        body=_("{name} says: this was not me ({old} → {new}). Payouts to her are frozen."),
        category=Category.WORK,
        is_urgent=True,
    ),
}
