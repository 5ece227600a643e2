"""What a leader does about a neighbour's case; each keeps her to her own cases and limit."""

from __future__ import annotations

from mall.accounts.models import User
from mall.aftersales import deciding, talking
from mall.aftersales.models import Role
from mall.aftersales.selectors import counts_of_leader
from mall.aftersales.worth import Claimed


def approve_case(
    *, case_no: str, leader: User, quantity: int = 0, payer_minor: int = 0, note: str = ""
) -> None:
    """Give all that was asked, or the pieces or fen named. Errors as deciding.approve()."""
    is_other = quantity or payer_minor
    claimed = Claimed(quantity=quantity, payer_minor=payer_minor) if is_other else None
    deciding.approve(case_no=case_no, by=leader, role=Role.LEADER, claimed=claimed, note=note)


def offer_on_case(
    *, case_no: str, leader: User, text: str, quantity: int = 0, payer_minor: int = 0
) -> None:
    """Offer pieces or fen instead of what was asked. Errors as deciding.offer()."""
    claimed = Claimed(quantity=quantity, payer_minor=payer_minor)
    deciding.offer(case_no=case_no, by=leader, role=Role.LEADER, claimed=claimed, text=text)


def reject_case(*, case_no: str, leader: User, text: str) -> None:
    """Say no, in words. Errors as deciding.reject()."""
    deciding.reject(case_no=case_no, by=leader, role=Role.LEADER, text=text)


def pass_case_on(*, case_no: str, leader: User, note: str = "") -> None:
    """Let the mall decide. Errors as deciding.pass_on()."""
    deciding.pass_on(case_no=case_no, by=leader, note=note)


def write_on_case(*, case_no: str, leader: User, text: str, key: str) -> None:
    """Write to the resident and the mall. Errors as talking.write()."""
    talking.write(case_no=case_no, by=leader, role=Role.LEADER, text=text, key=key)


def cases_to_decide(leader_id: int) -> int:
    """Count the cases a leader has to decide."""
    return counts_of_leader(leader_id)["own"]
