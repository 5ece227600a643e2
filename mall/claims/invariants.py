"""What must always be true of claims: equal to the books, frozen, and paid by what came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce

from mall.claims.models import ClaimLine, LineDispute, ReceiptPart, SubsidyClaim, SubsidyReceipt
from mall.claims.services.drafting import fingerprint, month_in_books
from mall.ordering.models import OrderFulfilment
from payments.api import CheckResult, campaign_months, result_of, subsidy_balances

Wrong = Iterator[tuple[str, str]]
_ISSUED = SubsidyClaim.objects.exclude(status=SubsidyClaim.Status.DRAFT)


def check() -> list[CheckResult]:
    """Check every rule of claims and what was received for them."""
    return [
        claims_are_what_the_books_say(),
        claims_are_their_lines(),
        receivables_are_explained(),
        lines_have_their_orders(),
        receipts_pay_what_they_say(),
    ]


def claims_are_what_the_books_say() -> CheckResult:
    """K1: an issued claim is the receivable's movement of its month, then and now."""

    def wrong() -> Wrong:
        for claim in _ISSUED.order_by("pk").iterator():
            own = claim.amount_minor - claim.again_minor
            booked, legs = month_in_books(claim)
            if (own, claim.ledger_legs) != (booked, legs):
                yield claim.claim_no, f"claims {own} of {claim.ledger_legs} legs, books {booked}"

    return result_of("K1 claims are what the books say", rows=_ISSUED.count(), wrong=wrong())


def claims_are_their_lines() -> CheckResult:
    """K2: a claim is the sum of its lines, numbered through, with the fingerprint it was given."""
    sums = {
        row["claim_id"]: row
        for row in ClaimLine.objects.order_by()
        .values("claim_id")
        .annotate(net=Sum("net_minor"), lines=Count("pk"), last=Max("number"))
    }
    nothing = {"net": 0, "lines": 0, "last": 0}

    def wrong() -> Wrong:
        for claim in _ISSUED.order_by("pk").iterator():
            found = sums.get(claim.pk, nothing)
            if found["net"] != claim.amount_minor or found["lines"] != claim.line_count:
                yield claim.claim_no, f"{claim.amount_minor} fen, lines {found['net']}"
            elif found["last"] != found["lines"]:
                yield claim.claim_no, "its lines are not numbered through"
            elif fingerprint(claim) != claim.sha256:
                yield claim.claim_no, "its lines have another fingerprint"

    return result_of("K2 claims are their lines", rows=_ISSUED.count(), wrong=wrong())


def receivables_are_explained() -> CheckResult:
    """K3: per campaign, what is owed = not claimed yet + claimed − received − borne by the mall."""
    expected = _expected()
    credit = _credit()

    def wrong() -> Wrong:
        booked = subsidy_balances()
        for key in sorted({*booked, *expected, *credit}):
            told = (expected.get(key, 0), credit.get(key, 0))
            if booked.get(key, (0, 0)) != told:
                yield ":".join(key), f"books {booked.get(key, (0, 0))}, claims and receipts {told}"

    return result_of("K3 receivables are explained", rows=len(expected), wrong=wrong())


def _expected() -> Counter[tuple[str, str]]:
    """Return what each campaign's giver should owe: its months less what settled them (fen)."""
    expected: Counter[tuple[str, str]] = Counter()
    for month in campaign_months():
        expected[month.giver, month.campaign] += month.net_minor
    parts = ReceiptPart.objects.order_by().values_list("claim__giver", "claim__campaign")
    for giver, campaign, minor in parts.annotate(sum=Sum("minor")):
        expected[giver, campaign] -= minor
    borne = LineDispute.objects.filter(state=LineDispute.State.BORNE).order_by()
    by_campaign = borne.values_list("claim__giver", "claim__campaign").annotate(sum=Sum("minor"))
    for giver, campaign, minor in by_campaign:
        expected[giver, campaign] -= minor
    return expected


def _credit() -> Counter[tuple[str, str]]:
    """Return what each campaign's giver has paid in advance and no claim has used (fen)."""
    left = SubsidyReceipt.objects.filter(left_minor__gt=0).order_by()
    sums = left.values_list("giver", "campaign").annotate(sum=Sum("left_minor"))
    return Counter({(giver, campaign): minor for giver, campaign, minor in sums})


def lines_have_their_orders() -> CheckResult:
    """K4: every claimed order exists, and a payment's discount is in one claim of its campaign."""
    lines = ClaimLine.objects.exclude(order_no="")
    orders = OrderFulfilment.objects.values("order_no")
    strays = lines.exclude(order_no__in=orders)
    twice = (
        ClaimLine.objects.filter(kind__in=[ClaimLine.Kind.ORDER, ClaimLine.Kind.REDEMPTION])
        .order_by()
        .values("claim__giver", "claim__campaign", "subject_no")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
    )

    def wrong() -> Wrong:
        for line in strays.select_related("claim").iterator():
            yield str(line.claim), f"line {line.number}: no order {line.order_no}"
        for row in twice.iterator():
            yield row["subject_no"], f"claimed {row['times']} times"

    return result_of("K4 claim lines have their orders", rows=lines.count(), wrong=wrong())


def receipts_pay_what_they_say() -> CheckResult:
    """K5: a claim has received its parts; a receipt is its parts and what was paid in advance."""
    got = dict(ReceiptPart.objects.order_by().values_list("claim_id").annotate(minor=Sum("minor")))
    at_once, later = Q(parts__is_advance=False), Q(parts__is_advance=True)
    receipts = SubsidyReceipt.objects.filter(
        status=SubsidyReceipt.Status.CONFIRMED, amount_minor__gt=0
    ).annotate(
        now_=Coalesce(Sum("parts__minor", filter=at_once), 0),
        later=Coalesce(Sum("parts__minor", filter=later), 0),
    )
    astray = receipts.exclude(amount_minor=F("now_") + F("over_minor"))
    overused = receipts.filter(later__gt=F("over_minor") - F("left_minor"))

    def wrong() -> Wrong:
        for claim in SubsidyClaim.objects.order_by("pk").iterator():
            if claim.received_minor != got.get(claim.pk, 0):
                yield str(claim), f"received {claim.received_minor}, parts {got.get(claim.pk, 0)}"
        for receipt in astray.iterator():
            yield str(receipt), "its parts are not its amount"
        for receipt in overused.iterator():
            yield str(receipt), "more of it is used than was left"

    return result_of("K5 receipts pay what they say", rows=receipts.count(), wrong=wrong())
