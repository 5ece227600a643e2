"""Reading a person's tied cards: those she can pay with, and what became of the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from payments.kernel.clock import now
from payments.models import CardAgreement, FirstTie
from payments.papers import AgreementView, SigningView, signing_of, view_of_agreement
from payments.selectors import UnknownNumberError

Status = CardAgreement.Status

# How long the wallet tells of a card that ended without its owner's doing here.
_TOLD_FOR: Final = timedelta(days=30)
_SIGNING_SHOWN: Final = timedelta(hours=1)
_BY_OWNER: Final = "untied_by_owner"


def _cards() -> QuerySet[CardAgreement]:
    """Return tied cards with when their owner first tied such a card, in the same question."""
    hers = FirstTie.objects.filter(
        owner_ref=OuterRef("owner_ref"), issuer_code=OuterRef("issuer_code")
    )
    first: dict[str, Any] = {
        "first_tied_at": Subquery(hers.filter(kind=OuterRef("kind")).values("tied_at")[:1]),
        "bank_first_tied_at": Subquery(hers.filter(kind="").values("tied_at")[:1]),
    }
    return CardAgreement.objects.annotate(**first)


def agreement_view(agreement_no: str) -> AgreementView:
    """Return one tied card in whatever state; UnknownNumberError."""
    agreement = _cards().filter(agreement_no=agreement_no).first()
    if agreement is None:
        raise UnknownNumberError(agreement_no=agreement_no)
    return view_of_agreement(agreement)


def agreements_of(owner_ref: str) -> list[AgreementView]:
    """Return an owner's cards that can be charged, her default first, then the newest."""
    chargeable = CardAgreement.objects.chargeable().values("pk")
    rows = _cards().filter(owner_ref=owner_ref, pk__in=chargeable)
    return [view_of_agreement(row) for row in rows.order_by("-is_default", "-signed_at", "-pk")]


def wallet_of(owner_ref: str) -> list[AgreementView]:
    """Return what an owner's wallet tells of, first the cards she can pay with.

    Those tied, suspended, being untied or past their time; for thirty days those her bank ended.
    """
    at = now()
    ended_by_bank = Q(
        status=Status.ENDED, signed_at__isnull=False, ended_at__gt=at - _TOLD_FOR
    ) & ~Q(end_reason=_BY_OWNER)
    kept = Q(status__in=[Status.ACTIVE, Status.SUSPENDED])
    going = Q(status=Status.UNBINDING, signed_at__isnull=False)
    rows = _cards().filter(kept | going | ended_by_bank, owner_ref=owner_ref)
    views = [view_of_agreement(row) for row in rows.order_by("-is_default", "-signed_at", "-pk")]
    return sorted(views, key=lambda view: not is_chargeable(view))


def is_chargeable(card: AgreementView) -> bool:
    """Tell whether a card can be charged now."""
    in_time = card.expires is None or card.expires > now()
    return card.status == Status.ACTIVE and in_time


def signing_failed_since(owner_ref: str, moment: datetime) -> bool:
    """Tell whether a signing of an owner ended without a card after this moment."""
    failed = CardAgreement.objects.filter(owner_ref=owner_ref, status=Status.FAILED)
    return failed.filter(ended_at__gt=moment).exclude(step_url="").exists()


def signing_under_way(owner_ref: str) -> SigningView | None:
    """Return the newest signing an owner began within the hour that nobody has decided yet."""
    begun = CardAgreement.objects.filter(
        owner_ref=owner_ref, status=Status.PENDING, created_at__gt=now() - _SIGNING_SHOWN
    )
    row = begun.exclude(step_url="").order_by("-pk").first()
    if row is None:
        return None
    return signing_of(row)


def signing_view(agreement_no: str, *, owner_ref: str) -> SigningView:
    """Return an owner's signing that waits for her; UnknownNumberError."""
    row = CardAgreement.objects.filter(
        agreement_no=agreement_no, owner_ref=owner_ref, status=Status.PENDING
    ).first()
    if row is None:
        raise UnknownNumberError(agreement_no=agreement_no)
    return signing_of(row)
