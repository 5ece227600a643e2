"""Signings without a bank's pages: one is begun, and the acquirer says what became of it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from payments.acquiring.contract import AgreementResult, AgreementStatus
from payments.kernel.clock import business_date
from payments.kernel.numbers import new_number
from payments.models import AcquirerAccount, CardAgreement, ChannelFact, OutboxEvent
from payments.services.facts import apply_channel_fact

Said = AgreementStatus


def begun(account: AcquirerAccount, owner: str = "7", **columns: Any) -> CardAgreement:
    """A signing an owner began."""
    day = business_date()
    slot = CardAgreement.objects.filter(owner_ref=owner, bind_date=day).count()
    row = {"bind_date": day, "bind_slot": slot, "created_at": timezone.now(), **columns}
    return CardAgreement.objects.create(
        agreement_no=new_number("A"), owner_ref=owner, account=account, **row
    )


def says(agreement: CardAgreement, status: AgreementStatus, **about: Any) -> AgreementResult:
    """What the acquirer says of a signed CCB credit card, unless said otherwise."""
    card: dict[str, Any] = {
        "token": f"TK-{agreement.agreement_no}",
        "last4": "0017",
        "bin": "622168",
        "issuer_code": "CCB",
        "issuer_name": "中国建设银行",
        "kind": "credit",
        "scheme": "unionpay_single",
        "fingerprint": f"FP-{agreement.owner_ref}",
        "merchant_id": "M001",
        "signed_at": timezone.now(),
    }
    return AgreementResult(status, agreement.agreement_no, **{**card, **about})


def hear(agreement: CardAgreement, status: AgreementStatus, **about: Any) -> ChannelFact:
    """Let payments hear it, and bring the row up to date."""
    fact = apply_channel_fact(
        source=ChannelFact.Source.NOTIFY,
        account=agreement.account,
        result=says(agreement, status, **about),
    )
    agreement.refresh_from_db()
    return fact


def signed(account: AcquirerAccount, owner: str = "7", **about: Any) -> CardAgreement:
    """A card an owner signed for."""
    agreement = begun(account, owner)
    hear(agreement, Said.ACTIVE, **about)
    return agreement


def firsts() -> list[tuple[str, bool, bool]]:
    """Whose signings were told, and what each was the first of: kind, bank."""
    told = OutboxEvent.objects.filter(fact="agreement.signed").order_by("pk")
    papers = told.values_list("payload", flat=True)
    return [(p["owner_ref"], p["is_first"], p["is_first_of_bank"]) for p in papers]
