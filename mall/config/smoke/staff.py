"""The admins of the check: set the group buy up, move it on, approve and pay."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from mall.config.smoke.admin_desk import AdminDesk
from mall.config.smoke.plan import Plan
from mall.config.smoke.telling import StepFailedError, Teller
from payments.api import local, now

GROUP_BUY: Final = "groupbuy/groupbuy"
ORDER: Final = "ordering/orderfulfilment"
BOARD: Final = "/admin/supply/purchaseorder/board/"
STATEMENT: Final = "groupleader/settlementstatement"
# Later than any other sale: residents who come by see their own group first.
_CLOSES_AFTER: Final = timedelta(days=20)


class Staff:
    """The admin, and a second person for what needs two."""

    def __init__(self, plan: Plan, teller: Teller) -> None:
        """Sign the admin in."""
        self._plan, self._tell = plan, teller
        name, password = plan.admin
        self._desk = AdminDesk(plan.base_url, name=name, password=password)
        self._tell.done("admin", f"signed in as {name}")

    def open_group_buy(self, title: str) -> list[str]:
        """Set up and open a small group buy of its own; return the ids of its items."""
        desk, opens = self._desk, local(now())
        form = desk.browser.must_open(f"/admin/{GROUP_BUY}/add/").form(id_="groupbuy_form")
        closes = opens + _CLOSES_AFTER
        point = desk.search_field("leadergroup", "pickup_point", self._plan.point)
        if not point:
            raise StepFailedError("the admin's pickup points", self._plan.point, "none")
        typed = {
            "title": title,
            "opens_at_0": f"{opens:%Y-%m-%d}",
            "opens_at_1": f"{opens:%H:%M:%S}",
            "closes_at_0": f"{closes:%Y-%m-%d}",
            "closes_at_1": f"{closes:%H:%M:%S}",
            "pickup_on": f"{closes + timedelta(days=1):%Y-%m-%d}",
            "pickup_from": "08:00",
            "pickup_until": "20:00",
            "groups-TOTAL_FORMS": "1",
            "groups-0-pickup_point": point,
            **self._items(),
        }
        page = desk.browser.send(form, **typed)
        row = desk.find(GROUP_BUY, title)
        if not row:
            raise StepFailedError("saving the group buy", "a draft", page.text[:600])
        desk.act(GROUP_BUY, "schedule_them", title)
        desk.act(GROUP_BUY, "open_them", title)
        if not desk.find(GROUP_BUY, title, state__exact="open"):
            shown = desk.browser.must_open(f"/admin/{GROUP_BUY}/").text
            raise StepFailedError(f"the group buy “{title}”", "open", shown[:400])
        self._tell.done("admin", f"set up and opened “{title}” at {self._plan.point}")
        change = desk.browser.must_open(f"/admin/{GROUP_BUY}/{row}/change/")
        return change.found(r'name="items-\d+-id" value="(\d+)"')

    def _items(self) -> dict[str, str]:
        typed = {"items-TOTAL_FORMS": str(len(self._plan.goods))}
        for at, good in enumerate(self._plan.goods):
            product = self._desk.search_field("groupbuyitem", "product", good.search)
            if not product:
                raise StepFailedError("the admin's products", good.search, "none")
            typed |= {
                f"items-{at}-position": str(at + 1),
                f"items-{at}-product": product,
                f"items-{at}-price_minor": f"{good.price_minor / 100:.2f}",
                f"items-{at}-cost_minor": f"{good.cost_minor / 100:.2f}",
            }
        return typed

    def cut_off(self, title: str) -> None:
        """Cut the group buy off: from now on nobody can order in it."""
        self._desk.act(GROUP_BUY, "cut_them_off", title)
        self._tell.done("admin", "cut the group buy off")

    def wait_until_formed(self, title: str) -> None:
        """Wait for the worker to decide the group buy."""
        self._tell.until(
            "the group buy to form (30 s after its cut-off at the earliest)",
            lambda: self._desk.find(GROUP_BUY, title, state__exact="formed"),
            seconds=self._plan.seconds,
        )
        self._tell.done("worker", "formed the group buy")

    def buy(self, title: str) -> None:
        """Draft the group buy's purchase orders without waiting for the clock, and send them."""
        sale = self._desk.find(GROUP_BUY, title)
        self._tell.until(
            "the purchase orders to be drafted (once all orders are confirmed)",
            lambda: self._has_drafts(sale),
            seconds=self._plan.seconds,
        )
        answered = self._press_on_board(sale, "send")
        if not self._desk.find(GROUP_BUY, title, state__exact="ordered"):
            raise StepFailedError(f"the group buy “{title}”", "ordered", answered)
        self._tell.done("admin", "sent the purchase orders to the suppliers")

    def _has_drafts(self, sale: str) -> bool:
        """Draft a group buy's orders on the board; say whether it has drafts then."""
        self._press_on_board(sale, "draft")
        page = self._desk.browser.must_open(BOARD)
        drafts = page.found(rf'id="sale-{sale}" data-drafts="(\d+)"')
        return bool(drafts and int(drafts[0]))

    def _press_on_board(self, sale: str, what: str) -> str:
        """Press a button beside a group buy on the board; return what the page says then."""
        browser = self._desk.browser
        page = browser.send(browser.must_open(BOARD).form(id_=f"sale-{sale}"), what=what)
        said = page.found(r'(?s)<[^>]*role="alert"[^>]*>(.*?)</')
        return " ".join(said) or page.text[:2000]

    def dispatch(self, order_no: str) -> None:
        """Send the order's group on its way."""
        self._desk.act(ORDER, "dispatch_groups", order_no)
        self._order_must_be(order_no, "in_transit")
        self._tell.done("admin", "sent the goods on their way")

    def close_window(self, order_no: str) -> None:
        """End the order's after-sales window before its time."""
        self._desk.act(ORDER, "close_window", order_no)
        self._order_must_be(order_no, "closed")
        self._tell.done("admin", "ended the order's after-sales window")

    def cut_statement(self) -> None:
        """Cut the leader's statement now."""
        self._desk.act("groupleader/leader", "cut_now", self._plan.leader_phone)
        self._tell.done("admin", "cut the leader's statement")

    def approve(self, number: str) -> None:
        """Approve the statement; a second person does too where two are needed."""
        self._desk.act(STATEMENT, "approve", number)
        if not self._is(number, "confirmed"):
            self._tell.done("admin", f"approved statement {number}")
            return
        name, password = self._plan.second
        second = AdminDesk(self._plan.base_url, name=name, password=password)
        second.act(STATEMENT, "approve", number)
        if self._is(number, "confirmed"):
            raise StepFailedError("approving", "approved by two", "still only confirmed")
        self._tell.done("admin", f"approved statement {number}, and so did {name}")

    def pay(self, number: str) -> None:
        """Start the payout and wait for the bank's answer."""
        self._desk.act(STATEMENT, "pay", number)

        def is_paid() -> bool:
            if self._is(number, "failed"):
                raise StepFailedError("the payout", "paid", "failed")
            return self._is(number, "paid")

        self._tell.until("the payout", is_paid, seconds=self._plan.seconds)
        self._tell.done("admin", f"paid statement {number}; the bank confirmed the transfer")

    def _is(self, number: str, status: str) -> bool:
        return bool(self._desk.find(STATEMENT, number, status__exact=status))

    def _order_must_be(self, order_no: str, status: str) -> None:
        if not self._desk.find(ORDER, order_no, status__exact=status):
            shown = self._desk.browser.must_open(f"/admin/{ORDER}/?q={order_no}").text
            raise StepFailedError(f"order {order_no}", status, shown[:400])
