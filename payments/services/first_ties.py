"""Whether a tied card is somebody's first of its bank and kind; the database decides races."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from payments.models import CardAgreement, FirstTie, KnownCard

# Of a bank, whatever the card draws on.
ANY_KIND = ""


@dataclass(frozen=True, slots=True)
class Firsts:
    """What a signing was the first of for this person."""

    of_kind: bool
    of_bank: bool


def note_tie(agreement: CardAgreement) -> Firsts:
    """Write down what a signing is the first of, once and for ever. In its transaction.

    A card that another person tied before, by the acquirer's fingerprint, is nobody's first; a bank
    the acquirer does not name cannot be counted.
    """
    if _is_anothers(agreement) or not agreement.issuer_code:
        return Firsts(of_kind=False, of_bank=False)
    # Always in this order: two signings of one person at once wait for each other, never crosswise.
    of_kind = bool(agreement.kind) and _is_first(agreement, agreement.kind)
    return Firsts(of_kind=of_kind, of_bank=_is_first(agreement, ANY_KIND))


def _is_anothers(agreement: CardAgreement) -> bool:
    """Remember who tied this card first; tell whether that was somebody else."""
    if not agreement.fingerprint:
        return False
    new = KnownCard(
        fingerprint=agreement.fingerprint,
        first_owner_ref=agreement.owner_ref,
        agreement=agreement,
        first_tied_at=_signed_at(agreement),
    )
    KnownCard.objects.bulk_create([new], ignore_conflicts=True)
    known = KnownCard.objects.filter(fingerprint=agreement.fingerprint)
    return known.exclude(first_owner_ref=agreement.owner_ref).exists()


def _signed_at(agreement: CardAgreement) -> datetime:
    return agreement.signed_at or agreement.created_at


def _is_first(agreement: CardAgreement, kind: str) -> bool:
    new = FirstTie(
        owner_ref=agreement.owner_ref,
        issuer_code=agreement.issuer_code,
        kind=kind,
        agreement=agreement,
        tied_at=_signed_at(agreement),
    )
    FirstTie.objects.bulk_create([new], ignore_conflicts=True)
    mine = FirstTie.objects.filter(
        owner_ref=agreement.owner_ref, issuer_code=agreement.issuer_code, kind=kind
    )
    return mine.filter(agreement=agreement).exists()
