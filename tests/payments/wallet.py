"""A resident and her cards: tying one through the bank's own page."""

from __future__ import annotations

from payments.api import Consented, consent_text, finish_binding, start_binding
from tests import acquirer as cards
from tests.acquirer import SandboxAcquirer


def agreed(ip: str = "127.0.0.1", device: str = "") -> Consented:
    """Agree to the text in force."""
    return Consented(text_sha256=consent_text().sha256, ip=ip, device=device)


def tie(acquirer: SandboxAcquirer, card: str = cards.CCB_CREDIT, owner: str = "7") -> str:
    """Tie a card for an owner through the bank's own page; return its number with us."""
    step = start_binding(
        owner_ref=owner,
        holder_phone="13800138000",
        return_url="http://127.0.0.1/cards/",
        consent=agreed(),
    )
    acquirer.tie_card(step.url, card)
    assert finish_binding(step.agreement_no).status == "active"
    return step.agreement_no
