"""What must always be true of vouchers, checked against all rows: V1 to V7."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from mall.vouchers.models import (
    ClaimRound,
    ClaimSlot,
    Gift,
    GiftRule,
    Redemption,
    RedemptionMerchant,
    Voucher,
    VoucherBatch,
    VoucherUse,
)
from payments.api import CheckResult, movements_by_label, result_of

State = Voucher.State
Use = VoucherUse.State
Wrong = Iterator[tuple[str, str]]
_OWED = "2201"
_REDEMPTIONS = ("redeem", "redeem_back")


def check() -> list[CheckResult]:
    """Check every rule of vouchers."""
    return [rule() for rule in RULES]


def batches_are_their_vouchers() -> CheckResult:
    """V1: a batch's counters are its vouchers, within stock and budget; none is worth more."""
    counted = {
        batch: (count, minor)
        for batch, count, minor in Voucher.objects.order_by()
        .values_list("batch_id")
        .annotate(Count("pk"), Sum("worth_minor"))
    }

    def wrong() -> Wrong:
        for batch in VoucherBatch.objects.order_by("pk"):
            told = (batch.issued_count, batch.issued_minor)
            if told != counted.get(batch.pk, (0, 0)):
                yield batch.code, f"counters {told}, vouchers {counted.get(batch.pk)}"
            if told[0] > batch.total_stock or told[1] > batch.budget_or_all_minor:
                yield batch.code, f"beyond its stock or budget: {told}"
        for voucher in Voucher.objects.filter(worth_minor__gt=F("batch__discount_minor")):
            yield voucher.voucher_no, f"worth {voucher.worth_minor} fen"

    rows = VoucherBatch.objects.count()
    return result_of("V1 batches are their vouchers", rows=rows, wrong=wrong())


def rounds_are_their_claims() -> CheckResult:
    """V2: a round's counter is the vouchers claimed in it, within its stock, while it was open."""
    rounds = ClaimRound.objects.annotate(found=Count("vouchers")).order_by("pk")

    def wrong() -> Wrong:
        for each in rounds:
            if each.claimed_count != each.found or each.found > each.stock:
                yield str(each), f"{each.claimed_count} counted, {each.found} of {each.stock}"
        early = Voucher.objects.filter(
            Q(claimed_at__lt=F("round__opens_at")) | Q(claimed_at__gte=F("round__closes_at"))
        )
        for voucher in early.iterator():
            yield voucher.voucher_no, "claimed while the round was not open"

    return result_of("V2 rounds are their claims", rows=ClaimRound.objects.count(), wrong=wrong())


def nobody_has_more_than_her_share() -> CheckResult:
    """V3: places are below their limit; a voucher of a round has its holder's place there."""

    def wrong() -> Wrong:
        for slot in ClaimSlot.objects.filter(slot__gte=F("limit")).iterator():
            yield str(slot), f"of {slot.limit}"
        placed = set(
            ClaimSlot.objects.filter(scope__startswith="round:").values_list(
                "voucher_id", "scope", "subject"
            )
        )
        claimed = Voucher.objects.exclude(round=None).values_list(
            "pk", "voucher_no", "round_id", "resident_id"
        )
        for pk, number, round_id, resident_id in claimed.iterator():
            if (pk, f"round:{round_id}", f"resident:{resident_id}") not in placed:
                yield number, "claimed without a place of its holder"

    rows = ClaimSlot.objects.count()
    return result_of("V3 nobody has more than a share", rows=rows, wrong=wrong())


def states_follow_uses() -> CheckResult:
    """V4: locked is on an unpaid order; used is on one order or at one counter; else on none."""
    uses = dict(_live_uses())
    counters = Counter(
        Redemption.objects.filter(undone_at=None).values_list("voucher_id", flat=True)
    )

    def wrong() -> Wrong:
        for pk, number, state in Voucher.objects.values_list(
            "pk", "voucher_no", "state"
        ).iterator():
            told = (uses.get(pk, ""), counters[pk])
            if told not in _FITTING.get(state, {("", 0)}):
                yield number, f"{state} with use {told[0] or 'none'} and {told[1]} redemptions"

    return result_of("V4 states follow uses", rows=Voucher.objects.count(), wrong=wrong())


def uses_are_within_their_worth() -> CheckResult:
    """V5: an order got no more than the voucher was worth and gave back no more than it got."""
    over = VoucherUse.objects.filter(
        Q(discount_minor__gt=F("voucher__worth_minor")) | Q(returned_minor__gt=F("discount_minor"))
    ).select_related("voucher")
    early = VoucherUse.objects.filter(returned_minor__gt=0, state__in=[Use.LOCKED, Use.RELEASED])

    def wrong() -> Wrong:
        for use in over.iterator():
            yield use.order_no, f"{use.discount_minor} of {use.voucher.worth_minor} fen"
        for use in early.iterator():
            yield use.order_no, f"{use.returned_minor} fen back of what was not used"

    rows = VoucherUse.objects.count()
    return result_of("V5 uses are within their worth", rows=rows, wrong=wrong())


def gifts_are_counted() -> CheckResult:
    """V6: a rule's counter is its gifts; a gift's voucher is the resident's own."""
    rules = GiftRule.objects.annotate(found=Count("gifts")).order_by("pk")

    def wrong() -> Wrong:
        for rule in rules:
            if rule.given_count != rule.found:
                yield str(rule), f"{rule.given_count} counted, {rule.found} given"
        for gift in Gift.objects.exclude(resident_id=F("voucher__resident_id")).iterator():
            yield gift.agreement_no, "its voucher is somebody else's"

    return result_of("V6 gifts are counted", rows=Gift.objects.count(), wrong=wrong())


def statements_are_the_books() -> CheckResult:
    """V7: what a merchant took and did not undo is what the books owe it, paid out or not."""
    standing = Q(redemptions__undone_at=None)
    merchants = RedemptionMerchant.objects.annotate(
        minor=Coalesce(Sum("redemptions__discount_minor", filter=standing), 0)
    )
    owed = movements_by_label(_OWED, kinds=_REDEMPTIONS)

    def wrong() -> Wrong:
        for merchant in merchants.order_by("pk"):
            label = merchant.payout_label
            books = -owed.get((label, ""), 0)
            if books != merchant.minor:
                yield merchant.code, f"took {merchant.minor} fen, the books owe {books}"

    rows = Redemption.objects.count()
    return result_of("V7 merchants' statements are the books", rows=rows, wrong=wrong())


_FITTING: dict[str, set[tuple[str, int]]] = {
    State.LOCKED: {(Use.LOCKED.value, 0)},
    State.USED: {(Use.USED.value, 0), ("", 1)},
}

RULES = (
    batches_are_their_vouchers,
    rounds_are_their_claims,
    nobody_has_more_than_her_share,
    states_follow_uses,
    uses_are_within_their_worth,
    gifts_are_counted,
    statements_are_the_books,
)


def _live_uses() -> Iterator[tuple[int, str]]:
    live = VoucherUse.objects.filter(state__in=[Use.LOCKED, Use.USED])
    yield from live.values_list("voucher_id", "state").iterator()
