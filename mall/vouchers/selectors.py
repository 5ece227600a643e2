"""Looking at vouchers: the rounds as a resident sees them, her wallet, a batch's figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from mall.vouchers.eligibility import Claimant, Unfit, claimant_of, unfit
from mall.vouchers.issuing import scopes_of
from mall.vouchers.models import ClaimRound, ClaimSlot, Voucher, VoucherBatch, VoucherUse
from payments.api import now

State = Voucher.State
ROUNDS_AHEAD: Final = timedelta(days=7)
# A round that is over stays on the page for a while: who came late sees that it was.
ROUNDS_BACK: Final = timedelta(hours=3)
EXPIRES_SOON: Final = timedelta(days=3)
_IN_THE_WALLET: Final = (State.HELD, State.RETURNED)


class RoundState(StrEnum):
    """What a round is for the person who looks at it."""

    COMING = "coming"
    OPEN = "open"
    YOURS = "yours"
    SOLD_OUT = "sold_out"
    NOT_FOR_YOU = "not_for_you"
    PAUSED = "paused"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """A round as one person sees it; `unfit` says why it is not for her."""

    round: ClaimRound
    state: RoundState
    unfit: Unfit = Unfit.NONE
    voucher_no: str = ""

    @property
    def batch(self) -> VoucherBatch:
        """Return the batch."""
        return self.round.batch


class WalletTab(StrEnum):
    """A part of the wallet."""

    USABLE = "usable"
    USED = "used"
    EXPIRED = "expired"


_TABS: Final = {
    WalletTab.USABLE: (State.HELD, State.RETURNED, State.LOCKED),
    WalletTab.USED: (State.USED,),
    WalletTab.EXPIRED: (State.EXPIRED, State.FORFEITED),
}


def rounds_shown(resident_id: int | None, *, at: datetime | None = None) -> list[RoundView]:
    """Return the rounds of today and the next days as she sees them; at most five queries."""
    at = at or now()
    return _seen_by(resident_id, list(_rounds(at)), at=at)


def round_shown(resident_id: int | None, round_id: int) -> RoundView | None:
    """Return one round as she sees it, or None where there is no such round."""
    at = now()
    found = list(_running(ClaimRound.objects.filter(pk=round_id)))
    return next(iter(_seen_by(resident_id, found, at=at)), None)


def usable_count(resident_id: int | None, *, at: datetime | None = None) -> int:
    """Return how many vouchers she could use now; one query."""
    if resident_id is None:
        return 0
    at = at or now()
    return _free(resident_id, at).filter(valid_from__lte=at).count()


def expiring_count(resident_id: int | None, *, at: datetime | None = None) -> int:
    """Return how many of her vouchers expire within three days; one query."""
    if resident_id is None:
        return 0
    at = at or now()
    return _free(resident_id, at).filter(expires_at__lte=at + EXPIRES_SOON).count()


def wallet(resident_id: int, tab: WalletTab, *, at: datetime | None = None) -> QuerySet[Voucher]:
    """Return a part of her wallet: what expires first comes first, what is over last comes first.

    What has expired shows as expired from that moment, whether the job has come by or not.
    """
    at = at or now()
    own = Voucher.objects.filter(resident_id=resident_id).select_related(
        "batch__included", "batch__excluded"
    )
    is_late = Q(state__in=_IN_THE_WALLET, expires_at__lte=at)
    if tab == WalletTab.USABLE:
        return own.filter(state__in=_TABS[tab]).exclude(is_late).order_by("expires_at", "pk")
    if tab == WalletTab.USED:
        return own.filter(state__in=_TABS[tab]).order_by("-changed_at", "-pk")
    return own.filter(Q(state__in=_TABS[tab]) | is_late).order_by("-expires_at", "-pk")


def voucher_of(resident_id: int, voucher_no: str) -> Voucher:
    """Return one of her vouchers; Voucher.DoesNotExist for anybody else's."""
    rows = Voucher.objects.select_related("batch__included", "batch__excluded")
    return rows.get(resident_id=resident_id, voucher_no=voucher_no)


def uses_of(voucher: Voucher) -> list[VoucherUse]:
    """Return the orders a voucher was on, the newest first."""
    return list(voucher.uses.order_by("-pk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFigures:
    """How a batch stands: vouchers by state, and fen."""

    issued: int
    by_state: dict[str, int]
    issued_minor: int
    # taken off orders and bills, less what went back to the funders
    spent_minor: int

    def of(self, state: str) -> int:
        """Return how many are in a state."""
        return self.by_state.get(state, 0)


def figures_of(batch: VoucherBatch) -> BatchFigures:
    """Count a batch's vouchers; four queries."""
    counted = batch.vouchers.order_by().values_list("state").annotate(count=Count("pk"))
    uses = VoucherUse.objects.filter(
        voucher__batch=batch, state__in=[VoucherUse.State.USED, VoucherUse.State.TAKEN_BACK]
    ).aggregate(taken=Coalesce(Sum("discount_minor"), 0), back=Coalesce(Sum("returned_minor"), 0))
    taken = batch.vouchers.filter(redemptions__undone_at=None).aggregate(
        minor=Coalesce(Sum("redemptions__discount_minor"), 0)
    )
    issued = batch.vouchers.aggregate(count=Count("pk"), minor=Coalesce(Sum("worth_minor"), 0))
    return BatchFigures(
        issued=issued["count"],
        by_state=dict(counted),
        issued_minor=issued["minor"],
        spent_minor=uses["taken"] - uses["back"] + taken["minor"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """How many were claimed so many seconds after the round opened, in all."""

    second: int
    claimed: int


def claim_curve(claim_round: ClaimRound, *, points: int = 40) -> list[CurvePoint]:
    """Return how fast a round was claimed, from its opening to its last claim."""
    moments = list(claim_round.vouchers.order_by("claimed_at").values_list("claimed_at", flat=True))
    if not moments:
        return []
    seconds = [max(0, int((at - claim_round.opens_at).total_seconds())) for at in moments]
    last = max(seconds[-1], 1)
    steps = [last * step // points for step in range(points + 1)]
    curve, claimed = [], 0
    for step in steps:
        while claimed < len(seconds) and seconds[claimed] <= step:
            claimed += 1
        curve.append(CurvePoint(second=step, claimed=claimed))
    return curve


def _rounds(at: datetime) -> QuerySet[ClaimRound]:
    soon = ClaimRound.objects.filter(
        cancelled_at=None, closes_at__gt=at - ROUNDS_BACK, opens_at__lt=at + ROUNDS_AHEAD
    )
    return _running(soon)


def _running(rounds: QuerySet[ClaimRound]) -> QuerySet[ClaimRound]:
    # A draft is nobody's business yet.
    return rounds.exclude(batch__state=VoucherBatch.State.DRAFT).select_related("batch")


def _free(resident_id: int, at: datetime) -> QuerySet[Voucher]:
    return Voucher.objects.filter(
        resident_id=resident_id, state__in=_IN_THE_WALLET, expires_at__gt=at
    )


def _seen_by(
    resident_id: int | None, rounds: Sequence[ClaimRound], *, at: datetime
) -> list[RoundView]:
    if resident_id is None:
        return sorted((_seen(each, at=at) for each in rounds), key=_order)
    claimant = claimant_of(resident_id)
    full = _full(claimant, rounds)
    own = _own(resident_id, rounds)
    views = [
        _seen(
            each,
            at=at,
            unfit=unfit(each.batch, claimant, at=at),
            has_hers=each.pk in full,
            voucher_no=own.get(each.pk, "") or own.get(-each.batch_id, ""),
        )
        for each in rounds
    ]
    return sorted(views, key=_order)


def _seen(
    claim_round: ClaimRound,
    *,
    at: datetime,
    unfit: Unfit = Unfit.NONE,
    has_hers: bool = False,
    voucher_no: str = "",
) -> RoundView:
    batch = claim_round.batch
    states = (
        (RoundState.YOURS, has_hers),
        (RoundState.OVER, at >= claim_round.closes_at or batch.state == VoucherBatch.State.ENDED),
        (RoundState.SOLD_OUT, not claim_round.left or not batch.left),
        (RoundState.PAUSED, batch.state != VoucherBatch.State.ACTIVE),
        (RoundState.COMING, at < claim_round.opens_at),
        (RoundState.NOT_FOR_YOU, bool(unfit)),
    )
    state = next((state for state, is_so in states if is_so), RoundState.OPEN)
    return RoundView(
        round=claim_round,
        state=state,
        unfit=unfit,
        voucher_no=voucher_no if has_hers else "",
    )


def _full(claimant: Claimant, rounds: Iterable[ClaimRound]) -> set[int]:
    """Return the rounds in which she has had all a person may have: by her or by her cards."""
    scopes = {each.pk: scopes_of(each.batch, each) for each in rounds}
    rows = (
        ClaimSlot.objects.filter(
            subject__in=claimant.subjects,
            scope__in={scope.key for found in scopes.values() for scope in found},
        )
        .order_by()
        .values_list("scope", "subject")
        .annotate(count=Count("pk"))
    )
    most: defaultdict[str, int] = defaultdict(int)
    for scope, _subject, count in rows:
        most[scope] = max(most[scope], count)
    return {
        pk for pk, found in scopes.items() if any(most[each.key] >= each.limit for each in found)
    }


def _own(resident_id: int, rounds: Iterable[ClaimRound]) -> dict[int, str]:
    """Return her newest voucher by round, and by batch under the negative key."""
    rows = Voucher.objects.filter(
        resident_id=resident_id, batch__in={each.batch_id for each in rounds}
    ).order_by("pk")
    own: dict[int, str] = {}
    for number, batch_id, round_id in rows.values_list("voucher_no", "batch_id", "round_id"):
        own[-batch_id] = number
        if round_id is not None:
            own[round_id] = number
    return own


def _order(view: RoundView) -> tuple[int, datetime, int]:
    """Order by what one can do: open, coming, hers, gone, over."""
    places = [
        RoundState.OPEN,
        RoundState.COMING,
        RoundState.YOURS,
        RoundState.NOT_FOR_YOU,
        RoundState.PAUSED,
        RoundState.SOLD_OUT,
        RoundState.OVER,
    ]
    return places.index(view.state), view.round.opens_at, view.round.pk
