"""First-tie gifts: given when a card is tied the first time, once per person, bank and kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from mall.vouchers.errors import VoucherGoneError
from mall.vouchers.granting import grant
from mall.vouchers.models import Gift, GiftRule, Voucher, VoucherBatch
from payments.api import IllegalTransitionError, advance, agreement_view, now, transact

log = structlog.get_logger(__name__)
State = GiftRule.State


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGift:
    """A gift that is given now; an empty issuer or kind means any."""

    issuer_code: str
    card_kind: str
    name: str
    worth_minor: int
    ends_at: datetime


def open_gifts(at: datetime | None = None) -> list[OpenGift]:
    """Return the gifts given at this moment, the largest first; one query."""
    return [
        OpenGift(
            issuer_code=rule.issuer_code,
            card_kind=rule.card_kind,
            name=rule.batch.name,
            worth_minor=rule.batch.discount_minor,
            ends_at=rule.ends_at,
        )
        for rule in _running(at or now())
    ]


def gift_for(agreement_no: str) -> Voucher | None:
    """Return the voucher that tying this card brought, if any."""
    return Voucher.objects.filter(gift__agreement_no=agreement_no).select_related("batch").first()


def give_for_signing(payload: dict[str, Any]) -> None:
    """Hear that a card was tied (fact agreement.signed); give what a rule promises.

    Told twice it is one gift. No rule, no room or an earlier gift: nothing happens.
    """
    if payload.get("is_first"):
        give(
            agreement_no=payload["agreement_no"],
            resident_id=int(str(payload["owner_ref"]).rpartition(":")[2]),
            issuer_code=payload["issuer_code"],
            card_kind=payload["kind"],
        )


@transact()
def give(*, agreement_no: str, resident_id: int, issuer_code: str, card_kind: str) -> Gift | None:
    """Give the largest gift that runs for such a card and still has room; None where none does."""
    if Gift.objects.filter(agreement_no=agreement_no).exists():
        return None
    fingerprint = agreement_view(agreement_no).fingerprint
    for rule in _for_card(_running(now()), issuer_code, card_kind):
        gift = Gift(
            rule=rule,
            resident_id=resident_id,
            issuer_code=issuer_code,
            card_kind=card_kind,
            fingerprint=fingerprint,
            agreement_no=agreement_no,
            at=now(),
        )
        try:
            with transaction.atomic():
                return _give(gift)
        except VoucherGoneError:
            continue  # this gift is used up; perhaps another rule has one
        except IntegrityError:
            log.info("gift.had_before", agreement_no=agreement_no)
            return None
    return None


def launch(rule: GiftRule) -> None:
    """Let the rule give; IllegalTransitionError."""
    _move(rule, State.ACTIVE, came_from=State.DRAFT)


def pause(rule: GiftRule) -> None:
    """Give nothing for a while; IllegalTransitionError."""
    _move(rule, State.PAUSED, came_from=State.ACTIVE)


def resume(rule: GiftRule) -> None:
    """Give again; IllegalTransitionError."""
    _move(rule, State.ACTIVE, came_from=State.PAUSED)


def end(rule: GiftRule) -> None:
    """Give nothing any more; IllegalTransitionError."""
    if not advance(rule, GiftRule.EDGES, State.ENDED, field="state"):
        raise IllegalTransitionError(to=State.ENDED)


def _give(gift: Gift) -> Gift:
    """Write voucher and gift, then count the rule: the row everybody wants, so last."""
    number = grant(
        batch_code=gift.rule.batch.code,
        resident_id=gift.resident_id,
        key=f"gift:{gift.agreement_no}",
        source=Voucher.Source.GIFT,
    )
    gift.voucher = Voucher.objects.get(voucher_no=number)
    Gift.objects.bulk_create([gift])
    counted = GiftRule.objects.filter(
        Q(total_limit=None) | Q(total_limit__gt=F("given_count")),
        pk=gift.rule_id,
        state=State.ACTIVE,
    ).update(given_count=F("given_count") + 1)
    if not counted:
        raise VoucherGoneError(rule=gift.rule_id)
    return gift


def _running(at: datetime) -> QuerySet[GiftRule]:
    return (
        GiftRule.objects.filter(
            Q(total_limit=None) | Q(total_limit__gt=F("given_count")),
            state=State.ACTIVE,
            starts_at__lte=at,
            ends_at__gt=at,
            batch__state=VoucherBatch.State.ACTIVE,
        )
        .select_related("batch")
        .order_by("-batch__discount_minor", "pk")
    )


def _for_card(rules: QuerySet[GiftRule], issuer_code: str, card_kind: str) -> QuerySet[GiftRule]:
    return rules.filter(issuer_code__in=["", issuer_code], card_kind__in=["", card_kind])


def _move(rule: GiftRule, to: str, *, came_from: str) -> None:
    moved = rule.state == came_from and advance(
        rule, GiftRule.EDGES, to, came_from=[came_from], field="state"
    )
    if not moved:
        raise IllegalTransitionError(to=to)
