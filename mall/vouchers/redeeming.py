"""Taking a voucher at a merchant's counter: once, within its rule, undoable for some minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from mall.accounts.models import User
from mall.vouchers.codes import count_wrong, forget_wrong, require_unlocked
from mall.vouchers.errors import (
    CodeUnknownError,
    NotRedeemableError,
    NotUndoableError,
    NotYourCounterError,
)
from mall.vouchers.evaluation import off_the_bill
from mall.vouchers.funding import tenders_of
from mall.vouchers.models import (
    Redemption,
    RedemptionCode,
    RedemptionMerchant,
    Voucher,
    VoucherBatch,
)
from payments.api import (
    Money,
    business_date,
    new_number,
    now,
    post_voucher_redeemed,
    post_voucher_unredeemed,
    publish,
    transact,
)

State = Voucher.State
UNDO_WITHIN: Final = timedelta(minutes=10)
UNDOS_PER_VOUCHER: Final = 10
# Once opened at a counter a code waits so long for the amount of the bill.
_CONFIRM_WITHIN: Final = timedelta(minutes=5)
_IN_THE_WALLET: Final = (State.HELD, State.RETURNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionFacts:
    """What a funder's claim says of a redemption; fen."""

    merchant: str
    face_minor: int
    bill_minor: int


def merchants_of(user: User | AnonymousUser) -> list[RedemptionMerchant]:
    """Return the counters a person takes vouchers at."""
    if not user.is_authenticated:
        return []
    return list(RedemptionMerchant.objects.filter(users=user, is_active=True).order_by("name"))


def open_code(
    *, merchant: RedemptionMerchant, by: User, code: str = "", token: str = ""
) -> Voucher:
    """Return the voucher that a typed code or a QR's token shows; from then it waits here only.

    ScreenLockedError after five wrong codes in a row, CodeUnknownError (data: tries_left),
    NotRedeemableError where the voucher is not good at this merchant, NotYourCounterError.
    """
    _require_people(merchant, by)
    require_unlocked(merchant.pk)
    at = now()
    wanted = {"token": token} if token else {"code": "".join(code.split())}
    free = RedemptionCode.objects.filter(
        Q(opened_by=None) | Q(opened_by=merchant), expires_at__gt=at, **wanted
    )
    opened = free.update(
        opened_by=merchant, opened_at=Coalesce(F("opened_at"), at), expires_at=at + _CONFIRM_WITHIN
    )
    if not opened:
        raise CodeUnknownError(tries_left=count_wrong(merchant.pk))
    forget_wrong(merchant.pk)
    found = RedemptionCode.objects.select_related("voucher__batch", "voucher__resident")
    voucher = found.get(**wanted).voucher
    _require_good_here(voucher, merchant)
    return voucher


@transact()
def redeem(
    *, merchant: RedemptionMerchant, by: User, voucher_no: str, bill_minor: int
) -> Redemption:
    """Take the voucher that was opened here off a bill (fen): the merchant is owed what it took.

    The same again returns the first. CodeUnknownError when its code was not opened here in the last
    minutes; NotRedeemableError (data: missing_minor below the threshold); NotYourCounterError.
    """
    _require_people(merchant, by)
    opened = RedemptionCode.objects.filter(
        voucher__voucher_no=voucher_no, opened_by=merchant, expires_at__gt=now()
    ).order_by("-pk")
    code = opened.select_related("voucher__batch").first()
    if code is None:
        raise CodeUnknownError(tries_left=0)
    voucher, done = code.voucher, _done_with(code, merchant)
    if done is not None:
        return done
    discount = _discount(voucher, bill_minor)
    _take(voucher, merchant)
    redemption = Redemption.objects.create(
        redemption_no=new_number("N"),
        voucher=voucher,
        merchant=merchant,
        bill_minor=bill_minor,
        discount_minor=discount,
        business_date=business_date(),
        taken_by=by,
        at=now(),
    )
    post_voucher_redeemed(
        key=redemption.redemption_no,
        merchant_ref=merchant.payout_label,
        shares=tenders_of(voucher.batch, Money(discount)),
    )
    _tell("redeemed", redemption)
    return redemption


@transact()
def undo(*, redemption_no: str, by: User) -> Redemption:
    """Take a redemption of the last minutes back: the voucher is in its wallet again.

    Undone twice it is undone once. NotUndoableError later, or after ten of one voucher;
    NotYourCounterError; Redemption.DoesNotExist.
    """
    redemption = Redemption.objects.select_related("merchant").get(redemption_no=redemption_no)
    _require_people(redemption.merchant, by)
    if redemption.undone_at is not None:
        return redemption
    at = now()
    others = Redemption.objects.filter(voucher=redemption.voucher_id).exclude(undone_at=None)
    if redemption.at < at - UNDO_WITHIN or others.count() >= UNDOS_PER_VOUCHER:
        raise NotUndoableError(redemption_no=redemption_no)
    undone = Redemption.objects.filter(pk=redemption.pk, undone_at=None).update(
        undone_at=at, undone_on=business_date(at), undone_by=by
    )
    redemption.refresh_from_db()
    if undone:
        _give_back(redemption)
    return redemption


def redemption_facts(keys: Sequence[str]) -> dict[str, RedemptionFacts]:
    """Return by redemption number what a funder's claim says of each; one query."""
    rows = Redemption.objects.filter(redemption_no__in=keys).values_list(
        "redemption_no", "merchant__name", "discount_minor", "bill_minor"
    )
    return {
        number: RedemptionFacts(merchant=merchant, face_minor=discount, bill_minor=bill)
        for number, merchant, discount, bill in rows
    }


def _require_people(merchant: RedemptionMerchant, by: User) -> None:
    if not merchant.is_active or not merchant.users.filter(pk=by.pk).exists():
        raise NotYourCounterError(merchant=merchant.code)


def _require_good_here(voucher: Voucher, merchant: RedemptionMerchant) -> None:
    at, batch = now(), voucher.batch
    allowed = set(batch.merchants.values_list("pk", flat=True))
    is_here = batch.place != VoucherBatch.Place.MALL and (not allowed or merchant.pk in allowed)
    is_good = voucher.state in _IN_THE_WALLET and voucher.valid_from <= at < voucher.expires_at
    just_taken = voucher.redemptions.filter(undone_at=None, merchant=merchant).exists()
    if not is_here or not (is_good or just_taken):
        raise NotRedeemableError(voucher_no=voucher.voucher_no)


def _done_with(code: RedemptionCode, merchant: RedemptionMerchant) -> Redemption | None:
    """Return what this opening of the code has led to already."""
    return Redemption.objects.filter(
        voucher=code.voucher_id, merchant=merchant, undone_at=None, at__gte=code.opened_at
    ).first()


def _discount(voucher: Voucher, bill_minor: int) -> int:
    threshold = voucher.batch.threshold_minor
    discount = off_the_bill(
        worth_minor=voucher.worth_minor, threshold_minor=threshold, bill_minor=bill_minor
    )
    if not discount:
        missing = max(threshold - bill_minor, 1)
        raise NotRedeemableError(voucher_no=voucher.voucher_no, missing_minor=missing)
    return discount


def _take(voucher: Voucher, merchant: RedemptionMerchant) -> None:
    _require_good_here(voucher, merchant)
    at = now()
    taken = Voucher.objects.filter(
        pk=voucher.pk, state__in=_IN_THE_WALLET, valid_from__lte=at, expires_at__gt=at
    ).update(state=State.USED, changed_at=at)
    if not taken:
        raise NotRedeemableError(voucher_no=voucher.voucher_no)


def _give_back(redemption: Redemption) -> None:
    at = now()
    Voucher.objects.filter(pk=redemption.voucher_id, state=State.USED).update(
        state=Case(
            When(expires_at__lte=at, then=Value(State.EXPIRED)), default=Value(State.RETURNED)
        ),
        changed_at=at,
    )
    live = RedemptionCode.objects.filter(voucher=redemption.voucher_id, expires_at__gt=at)
    live.filter(made_at__lt=at).update(expires_at=at)
    post_voucher_unredeemed(key=redemption.redemption_no)
    _tell("unredeemed", redemption)


def _tell(what: str, redemption: Redemption) -> None:
    """Publish voucher.<what>: the merchant is owed so much more, or not any more (fen)."""
    number = redemption.redemption_no
    publish(
        f"voucher.{what}",
        key=f"voucher.{what}:{number}",
        aggregate=number,
        payload={
            "redemption_no": number,
            "merchant_ref": redemption.merchant.payout_label,
            "merchant_name": redemption.merchant.name,
            "voucher_name": redemption.voucher.batch.name,
            "amount_minor": redemption.discount_minor,
            "at": now().isoformat(),
        },
    )
