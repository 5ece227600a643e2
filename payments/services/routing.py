"""Which account takes a payment: rules first, then the account of the settings, then the others.

The order in which accounts are asked is a list; the first that is able and in order gets the
payment. The same list, with what stands against each, is the explanation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import (
    AgreementMode,
    Capabilities,
    ConfigError,
    Purse,
    Scene,
    TransferMode,
)
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.models import AcquirerAccount, AcquirerHealth, CardAgreement, Payment, RoutingRule
from payments.services.accounts import NoAcquirerError, account_code, adapter_of
from payments.services.health import admit, circuits, lets_through

BIND: Final = RoutingRule.Scene.BIND.value
TRANSFER: Final = RoutingRule.Scene.TRANSFER.value


class PaymentUnavailableError(LinliError):
    """Every account that could take this payment is out of order; nothing was sent."""

    code = "payment_unavailable"
    http_status = 503
    message = _(
        "Payment is unavailable right now, nothing was charged. "
        "Your order is kept; please try again in a few minutes."
    )


class CardUnavailableError(PaymentUnavailableError):
    """The account this card is tied at is out of order; nothing was sent."""

    message = _(
        "This card cannot be charged right now, nothing was charged. "
        "Please pay another way, or try again in a few minutes."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be done: `scene` is a scene of paying, or BIND or TRANSFER."""

    scene: str
    # what the payer pays out of; nothing: whatever an account offers
    purse: str = ""
    amount: Money | None = None
    issuer_code: str = ""
    card_kind: str = ""
    seller_ref: str = ""
    tied_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One account as it was considered: what led to it, and what stands against it.

    `is_able` is whether it could ever do this; an obstacle of one that is able passes by itself.
    """

    account: AcquirerAccount
    led_by: str | Promise
    is_able: bool
    obstacle: str | Promise = ""

    @property
    def is_free(self) -> bool:
        """Tell whether it can take the payment now."""
        return self.is_able and not self.obstacle


def choose_account(
    *,
    scene: Scene,
    agreement: CardAgreement | None,
    issuer_code: str,
    amount: Money,
    seller_ref: str = "",
    purse: str = "",
) -> AcquirerAccount:
    """Return the account a new payment is made for; of those out of order the one to wait for.

    A tied card is charged where it was tied. NoAcquirerError when no account could do it.
    """
    wish = Wish(
        scene=str(scene),
        purse=purse,
        amount=amount,
        issuer_code=issuer_code or (agreement.issuer_code if agreement else ""),
        card_kind=agreement.kind if agreement else "",
        seller_ref=seller_ref,
        tied_at=agreement.account.code if agreement else "",
    )
    return _first(wish)


def choose_transfer_account(amount: Money) -> AcquirerAccount:
    """Return the account that pays somebody out; NoAcquirerError when none can."""
    return _first(Wish(scene=TRANSFER, amount=amount))


def choose_binding_account(*, issuer_code: str = "") -> AcquirerAccount:
    """Return the account a card is tied at; NoAcquirerError when none can tie cards."""
    return _first(Wish(scene=BIND, issuer_code=issuer_code))


def _first(wish: Wish) -> AcquirerAccount:
    able = [candidate for candidate in _candidates(wish) if candidate.is_able]
    free = [candidate for candidate in able if candidate.is_free]
    for candidate in [*free, *able]:
        return candidate.account
    raise NoAcquirerError(scene=wish.scene)


def admitted_account(payment: Payment) -> AcquirerAccount:
    """Return the account a payment that was never sent goes to now: its own, or another in order.

    In a transaction. PaymentUnavailableError when all that could take it are out of order or out
    of use.
    """
    if _is_in_use(payment.account) and admit(payment.account.code):
        return payment.account
    card = payment.agreement
    if card is not None:
        raise CardUnavailableError(payment_no=payment.payment_no)
    wish = Wish(
        scene=payment.scene,
        purse=payment.purse,
        amount=payment.amount,
        seller_ref=payment.seller_ref,
    )
    for candidate in _candidates(wish):
        is_other = candidate.account.code != payment.account.code
        if is_other and candidate.is_free and admit(candidate.account.code):
            return candidate.account
    raise PaymentUnavailableError(payment_no=payment.payment_no)


def _is_in_use(account: AcquirerAccount) -> bool:
    """Tell whether new things may begin there; with newer keys than these, too."""
    active = AcquirerAccount.Status.ACTIVE
    return account.status == active or (
        AcquirerAccount.objects.filter(code=account.code, status=active).exists()
    )


def explain_route(wish: Wish) -> list[Candidate]:
    """Return every account in the order it is asked, then those nothing leads to, with reasons."""
    asked = _candidates(wish)
    codes = {candidate.account.code for candidate in asked}
    newest: dict[str, AcquirerAccount] = {}
    for account in AcquirerAccount.objects.order_by("code", "-version"):
        newest.setdefault(account.code, account)
    left = [account for code, account in newest.items() if code not in codes]
    return [*asked, *(_not_asked(account, wish) for account in left)]


def _not_asked(account: AcquirerAccount, wish: Wish) -> Candidate:
    if account.status != AcquirerAccount.Status.ACTIVE:
        why: str | Promise = _("it is not in use")
    elif wish.tied_at:
        why = _("the card is tied at another account")
    else:
        why = _("no rule leads here and it has no priority")
    return Candidate(account=account, led_by="", is_able=False, obstacle=why)


def _candidates(wish: Wish) -> list[Candidate]:
    """Return the accounts in use in the order they are asked; three queries, however many."""
    return _Board.read().candidates(wish)


@dataclass(frozen=True, kw_only=True)
class _Board:
    """Accounts in use, rules and health as they stand now: read once for any number of wishes."""

    accounts: Mapping[str, AcquirerAccount]
    health: Mapping[str, AcquirerHealth]

    @cached_property
    def rules(self) -> list[RoutingRule]:
        """Return the rules in force; a tied card asks for none."""
        return list(RoutingRule.objects.filter(is_active=True))

    @classmethod
    def read(cls) -> _Board:
        in_use = AcquirerAccount.objects.filter(status=AcquirerAccount.Status.ACTIVE)
        return cls(
            accounts={account.code: account for account in in_use},
            health=circuits(),
        )

    def candidates(self, wish: Wish) -> list[Candidate]:
        found: dict[str, Candidate] = {}
        for code, led_by in self._asked_in_order(wish):
            if code in self.accounts and code not in found:
                account = self.accounts[code]
                found[code] = _consider(account, wish, led_by=led_by, health=self.health)
        return list(found.values())

    def _asked_in_order(self, wish: Wish) -> Iterator[tuple[str, str | Promise]]:
        if wish.tied_at:
            yield wish.tied_at, _("the card is tied here")
            return
        for rule in self.rules:
            if matches(rule, wish):
                yield rule.account_code, _("rule %(rule)s") % {"rule": rule}
                if rule.is_alone:
                    return
        yield account_code(), _("the account of the settings")
        rated = [account for account in self.accounts.values() if account.priority is not None]
        for account in sorted(rated, key=lambda row: (row.priority or 0, row.code)):
            yield account.code, _("its priority %(priority)s") % {"priority": account.priority}


def open_purses(wanted: Mapping[Purse, Sequence[Scene]]) -> dict[Purse, Scene]:
    """Return every wanted purse that can be paid out of now, with the first scene it is offered in.

    Three queries. The scenes of a purse are in the order that suits the payer's browser. A purse
    none of whose accounts is in order is left out; a bank's own pages are Purse.BANK.
    """
    board = _Board.read()
    found: dict[Purse, Scene] = {}
    for purse, scenes in wanted.items():
        for scene in scenes:
            wish = Wish(scene=str(scene), purse=str(purse))
            if any(candidate.is_free for candidate in board.candidates(wish)):
                found[purse] = scene
                break
    return found


def matches(rule: RoutingRule, wish: Wish) -> bool:
    """Tell whether every condition of a rule holds; an empty one holds for everything. Pure."""
    asked = {
        "scene": wish.scene,
        "issuer_code": wish.issuer_code,
        "card_kind": wish.card_kind,
        "seller_ref": wish.seller_ref,
    }
    if any(getattr(rule, name) not in {"", value} for name, value in asked.items()):
        return False
    if rule.amount_from_minor is None and rule.amount_to_minor is None:
        return True
    if wish.amount is None:
        return False
    low, high = rule.amount_from_minor, rule.amount_to_minor
    minor = wish.amount.minor
    return (low is None or low <= minor) and (high is None or minor <= high)


def _consider(
    account: AcquirerAccount,
    wish: Wish,
    *,
    led_by: str | Promise,
    health: Mapping[str, AcquirerHealth],
) -> Candidate:
    try:
        inability = inability_of(adapter_of(account).caps, wish)
    except ConfigError as error:
        why = _("it is set up wrongly: %(error)s") % {"error": error.message}
        return Candidate(account=account, led_by=led_by, is_able=True, obstacle=why)
    if inability:
        return Candidate(account=account, led_by=led_by, is_able=False, obstacle=inability)
    circuit = health.get(account.code)
    obstacle: str | Promise = "" if lets_through(circuit) else _trouble(circuit)
    return Candidate(account=account, led_by=led_by, is_able=True, obstacle=obstacle)


def _trouble(circuit: AcquirerHealth | None) -> str | Promise:
    if circuit is not None and circuit.state == AcquirerHealth.State.HALF_OPEN:
        return _("it is on trial with another payment")
    if circuit is not None and circuit.held_by:
        return _("it was taken out by %(person)s") % {"person": circuit.held_by}
    return _("it is out of order")


# Who has to confirm in her purse first has to be shown where: no payout is sent there by itself.
_NO_TRANSFER: Final[Mapping[TransferMode, str | Promise]] = {
    TransferMode.NONE: _("it cannot pay out"),
    TransferMode.USER_CONFIRM: _("its payees have to confirm each transfer themselves"),
}


def inability_of(caps: Capabilities, wish: Wish) -> str | Promise:
    """Return why an acquirer can never do this, or nothing where it can. Pure."""
    if wish.scene == BIND:
        return _("it cannot tie cards") if caps.agreement == AgreementMode.NONE else ""
    if wish.amount is not None and wish.amount.currency not in caps.currencies:
        return _("it does not take %(currency)s") % {"currency": wish.amount.currency}
    if wish.scene == TRANSFER:
        return _NO_TRANSFER.get(caps.transfer, "")
    if wish.scene not in caps.scenes or (wish.purse and wish.purse not in caps.purses):
        return _("it does not offer this way of paying")
    return ""
