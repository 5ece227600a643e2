"""Vouchers of the demo: the mall's own, a bank's, a county's, and gifts for first cards."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from mall.accounts.models import User
from mall.banks.models import BankUnit
from mall.promotions.approvals import Action, waive
from mall.vouchers import gifts
from mall.vouchers.approving import BATCH
from mall.vouchers.claiming import claim
from mall.vouchers.errors import NotEligibleError
from mall.vouchers.granting import grant
from mall.vouchers.models import (
    ClaimRound,
    GiftRule,
    RedemptionMerchant,
    Voucher,
    VoucherBatch,
)
from payments.api import SHANGHAI, business_date, now, transact

RESIDENT: Final = "+8613900000001"
NEIGHBOUR: Final = "+8613900000009"
CASHIER: Final = "+8613900000007"
_TEN: Final = time(10)


def load_vouchers(people: dict[str, User]) -> list[VoucherBatch]:
    """Launch the batches and open their rounds; what is there already stays as it is."""
    merchant = _merchant(people[CASHIER])
    ccb = BankUnit.objects.filter(level="bank", issuer_code="CCB").first()
    batches = [_launched(code, owner=ccb, **fields) for code, fields in _batches().items()]
    own, bank, town, gift, soon = batches
    soon.merchants.add(merchant)
    _rounds(own, bank, town)
    _gift_rule(gift)
    # What the welcome says she pays stays so: neither of hers goes with the bank's offer.
    for batch in (town, soon):
        _give(batch, people[RESIDENT])
    _give(own, people[NEIGHBOUR])
    _claimed_by_neighbours(bank, people)
    return batches


def _batches() -> dict[str, dict[str, Any]]:
    at = now()
    return {
        "linli-100-30": {
            "name": "邻里满100减30",
            "terms": "全场实物商品可用，每单限用一张。",
            "threshold_minor": 10000,
            "discount_minor": 3000,
            "valid_hours": 7 * 24,
            "person_limit": 2,
            "total_stock": 500,
        },
        "ccb-200-60": {
            "name": "建行消费券满200减60",
            "terms": "限绑定建设银行卡的居民领取，每天上午 10:00 开抢，每人每场一张。",
            "threshold_minor": 20000,
            "discount_minor": 6000,
            "valid_hours": 72,
            "audience": VoucherBatch.Audience.CARD_HOLDERS,
            "issuers": ["CCB"],
            "person_limit": 3,
            "campaign": "ccb-autumn",
            "worth_limit": 3,
            "total_stock": 2000,
            "funding": [
                {"funder": "bank", "ref": "CCB:ccb-200-60", "percent": 80},
                {"funder": "platform", "ref": "", "percent": 20},
            ],
        },
        "town-50-10": {
            "name": "县惠民券满50减10",
            "terms": "县商务局发放，商城与线下商户通用；退款不补发。",
            "threshold_minor": 5000,
            "discount_minor": 1000,
            "place": VoucherBatch.Place.BOTH,
            "valid_from": at - timedelta(days=1),
            "valid_until": at + timedelta(days=30),
            "person_limit": 3,
            "total_stock": 1000,
            "funding": [{"funder": "government", "ref": "GOV-AX:2026-huimin", "percent": 100}],
        },
        "first-card-8": {
            "name": "首绑有礼红包",
            "terms": "首次绑定邮储银行卡即送，任意金额可用。",
            "kind": VoucherBatch.Kind.RED_PACKET,
            "threshold_minor": 0,
            "discount_minor": 800,
            "valid_hours": 15 * 24,
            "total_stock": 5000,
        },
        "noodles-20-3": {
            "name": "老街面馆满20减3",
            "terms": "仅限老街面馆堂食。",
            "threshold_minor": 2000,
            "discount_minor": 300,
            "place": VoucherBatch.Place.MERCHANTS,
            "valid_hours": 2 * 24,
            "total_stock": 500,
        },
    }


def _launched(code: str, *, owner: BankUnit | None, **fields: Any) -> VoucherBatch:
    found = VoucherBatch.objects.filter(code=code).first()
    if found:
        return found
    batch = VoucherBatch(code=code, owner=owner if code.startswith("ccb") else None, **fields)
    batch.clean()
    (batch,) = VoucherBatch.objects.bulk_create([batch])
    waive(Action.LAUNCH, kind=BATCH, pk=batch.pk, by="demo", reason="演示数据")
    batch.refresh_from_db()
    return batch


def _rounds(own: VoucherBatch, bank: VoucherBatch, town: VoucherBatch) -> None:
    """Open one round of each now, and the bank's again tomorrow at ten; old rounds stay."""
    at = now()
    if not ClaimRound.objects.filter(closes_at__gt=at, opens_at__lte=at).exists():
        opened = at - timedelta(minutes=30)
        for batch, stock in ((own, 100), (bank, 60), (town, 80)):
            _round(batch, opened, stock=stock, hours=36)
    tomorrow = datetime.combine(business_date() + timedelta(days=1), _TEN, tzinfo=SHANGHAI)
    for days in range(3):
        _round(bank, tomorrow + timedelta(days=days), stock=50, hours=12)


def _round(batch: VoucherBatch, opens_at: datetime, *, stock: int, hours: int) -> None:
    ClaimRound.objects.get_or_create(
        batch=batch,
        opens_at=opens_at,
        defaults={"closes_at": opens_at + timedelta(hours=hours), "stock": stock},
    )


def _gift_rule(batch: VoucherBatch) -> None:
    rule, created = GiftRule.objects.get_or_create(
        name="邮储首绑有礼",
        defaults={
            "batch": batch,
            "issuer_code": "PSBC",
            "starts_at": now() - timedelta(days=1),
            "ends_at": now() + timedelta(days=120),
            "total_limit": 2000,
        },
    )
    if created:
        gifts.launch(rule)


def _merchant(cashier: User) -> RedemptionMerchant:
    merchant, _created = RedemptionMerchant.objects.get_or_create(
        code="laojie-noodles",
        defaults={"name": "老街面馆", "phone": cashier.phone or "", "address": "解放路 18 号"},
    )
    merchant.users.add(cashier)
    return merchant


@transact()
def _give(batch: VoucherBatch, resident: User) -> None:
    key = f"demo:{batch.code}:{resident.pk}"
    grant(batch_code=batch.code, resident_id=resident.pk, key=key, source=Voucher.Source.HAND)


def _claimed_by_neighbours(bank: VoucherBatch, people: dict[str, User]) -> None:
    """Let neighbours with a card of the bank have claimed a few in the round that runs."""
    at = now()
    running = bank.rounds.filter(opens_at__lte=at, closes_at__gt=at).first()
    if running is None or running.claimed_count:
        return
    for phone in sorted(people)[-9:]:
        try:
            claim(resident_id=people[phone].pk, round_id=running.pk, click="demo")
        except NotEligibleError:
            continue  # who has no such card has no voucher
