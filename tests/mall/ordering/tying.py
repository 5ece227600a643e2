"""Tying a card for real, on the acquirer's own page."""

from __future__ import annotations

from mall.ordering.payer import payer_ref
from payments.api import Consented, consent_text, finish_binding, start_binding
from tests.acquirer import CCB_CREDIT


def tie(resident, acquirer, card=CCB_CREDIT) -> str:
    """Tie a card of the sandbox and return its agreement's number."""
    step = start_binding(
        owner_ref=payer_ref(resident.pk),
        holder_phone="+8613800138000",
        return_url="http://127.0.0.1/cards/",
        consent=Consented(text_sha256=consent_text().sha256, ip="127.0.0.1"),
    )
    acquirer.tie_card(step.url, card)
    return finish_binding(step.agreement_no).agreement_no
