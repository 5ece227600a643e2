"""The leader of the check: receives the goods, hands them over, watches and confirms her money."""

from __future__ import annotations

import re

from mall.config.smoke.browser import Browser
from mall.config.smoke.pages import Page
from mall.config.smoke.plan import COMMISSION_MINOR, Plan, minor_of, yen
from mall.config.smoke.signing_in import sign_in
from mall.config.smoke.telling import StepFailedError, Teller, expect


class Leader:
    """The leader of the pickup point."""

    def __init__(self, plan: Plan, teller: Teller) -> None:
        """Open her browser."""
        self._plan, self._tell = plan, teller
        self._browser = Browser(plan.base_url)

    def sign_in(self) -> None:
        """Sign in and see the desk."""
        plan = self._plan
        sign_in(
            self._browser,
            self._tell,
            phone=plan.leader_phone,
            bank_url=plan.bank_url,
            goal="/leader/",
        )
        self._tell.done("leader", f"signed in as {plan.leader_phone} and sees her desk")

    def see_commission(self, order_no: str, state: str) -> None:
        """Find the order's commission in a state; the amount is the plan's."""
        page = self._browser.must_open(f"/leader/earnings/?state={state}")
        expect(
            f"the commission of {order_no}, {state}",
            came=yen(_commission_of(page, order_no)),
            expected=yen(COMMISSION_MINOR),
        )
        self._tell.done("leader", f"sees {yen(COMMISSION_MINOR)} of commission: {state}")

    def receive(self, title: str) -> None:
        """Count the delivery in: everything is there."""
        arrivals = self._browser.must_open("/leader/arrivals/")
        link = arrivals.link(to="/arrivals/", with_text=title)
        if not link:
            raise StepFailedError("the deliveries to count in", title, arrivals.text[:300])
        counting = self._browser.must_open(link)
        page = self._browser.send(counting.form(id_="counting"))
        expect("counting the delivery in", came=page.status, expected=200)
        self._tell.done("leader", "counted the delivery in: all here")

    def hand_over(self, code: str) -> None:
        """Type the code and give the bag."""
        counter = self._browser.must_open("/leader/scan/")
        point = counter.found(r'<option value="(\d+)"[^>]*>' + re.escape(self._plan.point))
        typed = {"code": code} | ({"point": point[0]} if point else {})
        found = self._browser.send(counter.form(to="/scan/"), **typed)
        if 'data-bag="ok"' not in found.html:
            raise StepFailedError(f"the bag of code {code}", "the bag", found.text[:300])
        done = self._browser.send(found.form(to="/bags/"))
        if 'data-bag="done"' not in done.html:
            raise StepFailedError("handing over", "handed over", done.text[:300])
        self._tell.done("leader", "found the bag by its code and handed it over")

    def confirm_statement(self, order_no: str) -> str:
        """Open the newest statement, find the order in it, agree; return its number."""
        statements = self._browser.must_open("/leader/statements/")
        newest = statements.link(to="/leader/statements/S")
        if not newest:
            raise StepFailedError("the leader's statements", "a statement", statements.text[:300])
        page = self._browser.must_open(newest)
        expect(
            "the order's commission in the statement",
            came=yen(_commission_in(page, order_no)),
            expected=yen(COMMISSION_MINOR),
        )
        number = newest.rstrip("/").rpartition("/")[2]
        net = page.text.partition("To be paid ")[2].partition(" ")[0] or "its net amount"
        self._browser.send(page.form(to="/confirm/"))
        self._tell.done("leader", f"confirmed statement {number}: {net} to be paid")
        return number

    def see_paid(self, number: str, order_no: str) -> None:
        """See that the money is on its way no longer but paid."""
        page = self._browser.must_open(f"/leader/statements/{number}/")
        earned = self._browser.must_open("/leader/earnings/?state=paid")
        expect(
            "the order's commission among what is paid",
            came=yen(_commission_of(earned, order_no)),
            expected=yen(COMMISSION_MINOR),
        )
        net = page.text.partition("To be paid ")[2].partition(" ")[0]
        self._tell.done("leader", f"sees the payout of {net} as paid")


def _commission_of(page: Page, order_no: str) -> int:
    """Add up what an order earned on a page of commission by orders."""
    return _sum(page, order_no, row='<li class="earned-order">', amount='<b class="num')


def _commission_in(statement: Page, order_no: str) -> int:
    """Add up the lines of an order in a statement."""
    row, amount = '<li><a class="item earned-line"', '<span class="num strong'
    return _sum(statement, order_no, row=row, amount=amount)


def _sum(page: Page, order_no: str, *, row: str, amount: str) -> int:
    own = [each for each in page.html.split(row)[1:] if order_no in each]
    found = [re.search(amount + r'[^"]*">(−?)¥([\d,.]+)<', each) for each in own]
    return sum(minor_of(each[2]) * (-1 if each[1] else 1) for each in found if each)
