"""Rules of tied cards: who was first is written once, consent is kept, no limit was exceeded."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q

from payments.kernel.checking import CheckResult, result_of
from payments.models import (
    CardAgreement,
    CardBin,
    ConsentText,
    FirstTie,
    KnownCard,
    TyingAllowance,
)
from payments.services.consents import digest_of


def first_ties_are_of_signed_cards() -> CheckResult:
    """T1: a first tie is that of a signed card of the same person and bank, at its moment."""
    rows = FirstTie.objects.all()
    right = Q(
        agreement__owner_ref=F("owner_ref"),
        agreement__issuer_code=F("issuer_code"),
        agreement__signed_at__isnull=False,
    ) & (Q(kind="") | Q(kind=F("agreement__kind")))
    wrong = rows.exclude(pk__in=rows.filter(right).values("pk"))
    return result_of(
        "T1 a first tie is that of its owner's signed card",
        rows=rows.count(),
        wrong=((str(tie), f"stands on {tie.agreement_id}") for tie in wrong),
    )


def signed_cards_have_their_first_tie() -> CheckResult:
    """T2: whoever signed for a card that was hers first has a first tie of its bank and kind."""
    hers = FirstTie.objects.filter(
        owner_ref=OuterRef("owner_ref"), issuer_code=OuterRef("issuer_code")
    )
    anothers = KnownCard.objects.filter(fingerprint=OuterRef("fingerprint")).exclude(
        first_owner_ref=OuterRef("owner_ref")
    )
    signed = CardAgreement.objects.filter(signed_at__isnull=False).exclude(issuer_code="")
    own = signed.exclude(Exists(anothers))
    lacking = own.exclude(Exists(hers.filter(kind=""))) | own.exclude(
        Exists(hers.filter(kind=OuterRef("kind")))
    )
    return result_of(
        "T2 a signed card has its first tie",
        rows=own.count(),
        wrong=((card.agreement_no, "no first tie of its bank and kind") for card in lacking),
    )


def known_cards_were_signed_by_their_first_owner() -> CheckResult:
    """T3: a known card is the fingerprint of a card its first owner signed for; none is missing."""
    known = KnownCard.objects.select_related("agreement")
    signed = CardAgreement.objects.filter(signed_at__isnull=False).exclude(fingerprint="")

    def wrong() -> Iterator[tuple[str, str]]:
        for card in known.exclude(
            agreement__fingerprint=F("fingerprint"),
            agreement__owner_ref=F("first_owner_ref"),
            agreement__signed_at__isnull=False,
        ):
            yield card.agreement.agreement_no, "is not the card it stands for"
        unknown = signed.exclude(
            Exists(KnownCard.objects.filter(fingerprint=OuterRef("fingerprint")))
        )
        for agreement in unknown:
            yield agreement.agreement_no, "its card is not known"

    return result_of("T3 known cards are signed cards", rows=known.count(), wrong=wrong())


def defaults_can_be_charged() -> CheckResult:
    """T4: a person with tied cards has exactly one default."""
    owners = (
        CardAgreement.objects.filter(status=CardAgreement.Status.ACTIVE)
        .order_by()
        .values("owner_ref")
        .annotate(defaults=Count("pk", filter=Q(is_default=True)))
    )
    return result_of(
        "T4 one of a person's tied cards is her default",
        rows=owners.count(),
        wrong=(
            (row["owner_ref"], f"has {row['defaults']} defaults")
            for row in owners.exclude(defaults=1)
        ),
    )


def consent_texts_are_as_they_were_shown() -> CheckResult:
    """T5: no consent text was changed, and who agreed to one agreed to its digest."""
    texts = ConsentText.objects.all()

    def wrong() -> Iterator[tuple[str, str]]:
        for text in texts:
            if digest_of(text.text) != text.sha256:
                yield str(text), "is not what it was when it was written"
        other = CardAgreement.objects.filter(consent_text__isnull=False).exclude(
            consent_sha256=F("consent_text__sha256"), consented_at__isnull=False
        )
        for card in other:
            yield card.agreement_no, "agreed to another text than the one kept"

    return result_of("T5 consent texts are as they were shown", rows=texts.count(), wrong=wrong())


def tying_stays_within_limits() -> CheckResult:
    """T6: no address or browser has begun more signings in a window than its limit."""
    rows = TyingAllowance.objects.all()
    return result_of(
        "T6 cards are tried within limits",
        rows=rows.count(),
        wrong=(
            (str(row), f"{row.taken} of {row.most}") for row in rows.filter(taken__gt=F("most"))
        ),
    )


def prefixes_make_sense() -> CheckResult:
    """T7: only prefixes of UnionPay's own stand as single-mark."""
    rows = CardBin.objects.all()
    single = rows.filter(mark=CardBin.Mark.SINGLE)
    wrong = single.exclude(Q(prefix__startswith="62") | Q(prefix__startswith="81"))
    return result_of(
        "T7 single-mark prefixes begin with 62 or 81",
        rows=rows.count(),
        wrong=((row.prefix, "stands as single-mark") for row in wrong),
    )


TIED_CARD_RULES = (
    first_ties_are_of_signed_cards,
    signed_cards_have_their_first_tie,
    known_cards_were_signed_by_their_first_owner,
    defaults_can_be_charged,
    consent_texts_are_as_they_were_shown,
    tying_stays_within_limits,
    prefixes_make_sense,
)
