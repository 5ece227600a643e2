"""The whole purchase, step by step: who does what in which order."""

from __future__ import annotations

from mall.config.smoke.browser import Browser
from mall.config.smoke.leader import Leader
from mall.config.smoke.plan import Plan
from mall.config.smoke.resident import Resident
from mall.config.smoke.staff import Staff
from mall.config.smoke.telling import StepFailedError, Teller
from payments.api import local, now


def play(plan: Plan, teller: Teller) -> None:
    """Play the purchase; StepFailedError at the first step that is not as it should be."""
    _look_at(plan, teller)
    title = f"Smoke check {local(now()):%Y-%m-%d %H:%M:%S}"
    staff = Staff(plan, teller)
    item_ids = staff.open_group_buy(title)
    resident, leader = Resident(plan, teller), Leader(plan, teller)
    try:
        _buy(resident, title, item_ids)
    finally:
        # Also after a failure: nobody else should find the check's goods.
        staff.cut_off(title)
    staff.wait_until_formed(title)
    leader.sign_in()
    leader.see_commission(resident.order_no, "estimated")
    staff.buy(title)
    staff.dispatch(resident.order_no)
    leader.receive(title)
    leader.hand_over(resident.pickup_code())
    resident.see_collected()
    leader.see_commission(resident.order_no, "frozen")
    staff.close_window(resident.order_no)
    leader.see_commission(resident.order_no, "available")
    staff.cut_statement()
    number = leader.confirm_statement(resident.order_no)
    staff.approve(number)
    staff.pay(number)
    leader.see_paid(number, resident.order_no)


def _buy(resident: Resident, title: str, item_ids: list[str]) -> None:
    resident.choose_group(title)
    resident.fill_basket(item_ids)
    resident.sign_in()
    resident.tie_card()
    resident.pay()


def _look_at(plan: Plan, teller: Teller) -> None:
    """Look whether the installation and its worker are up at all."""
    state = Browser(plan.base_url).read_json("/readyz")
    if not state.get("ready"):
        raise StepFailedError(f"{plan.base_url}/readyz", "ready", state)
    teller.done("operator", f"{plan.base_url}/ answers; database, cache and worker are ready")
