"""Accounts of leaders: changed by themselves, denied, and set anew by two of staff."""

from __future__ import annotations

from hypothesis.stateful import rule

from groupleader.services.payees import (
    NewAccount,
    change_own_payee,
    decide_payee,
    deny_change,
    propose_payee,
)
from tests.groupleader.model.acts import PICK, YES, Acts, when
from tests.groupleader.model.village import BAD, GOOD


class Accounts(Acts):
    """Whoever changes an account waits three days; who denies a change is not paid at all."""

    @when(lambda run: run.papers("approved", "failed", "confirmed"))
    @rule(leader=PICK, is_good=YES)
    def change_account(self, leader: int, is_good: bool) -> None:
        party, person = self.village.leaders[leader % 4], self.village.books.people[leader % 4]
        new = NewAccount(bank="农业银行", holder=party.name, account=GOOD if is_good else BAD)
        act = {"leader": party, "new": new, "by": party.user}
        party.refresh_from_db()
        refused = "payee_frozen" if person.is_frozen else ""
        self.attempt("change account", lambda: change_own_payee(**act), refused=refused)
        if not refused:
            person.changed_at = self.village.at

    @when(lambda run: any(each.changed_at for each in run.village.books.people))
    @rule(leader=PICK)
    def deny_a_change(self, leader: int) -> None:
        """This was not me: nothing is paid to it any more."""
        party, person = self.village.leaders[leader % 4], self.village.books.people[leader % 4]
        party.refresh_from_db()
        change = party.payee_changes.filter(way="portal", denied_at=None).first()
        if change is not None:
            self.attempt("deny", lambda: deny_change(change=change))
            person.is_frozen = True

    @when(lambda run: any(each.is_frozen for each in run.village.books.people))
    @rule()
    def staff_set_an_account(self) -> None:
        people = self.village.books.people
        leader = next(n for n, each in enumerate(people) if each.is_frozen)
        party = self.village.leaders[leader]
        party.refresh_from_db()
        first, second, _third = self.village.staff
        new = NewAccount(bank="建设银行", holder=party.name, account=GOOD)
        act = {"party": party, "new": new, "by": first}
        change = self.attempt("propose account", lambda: propose_payee(**act))
        own = {"change": change, "by": first, "is_agreed": True}
        self.attempt("agree", lambda: decide_payee(**own), refused="second_person_needed")
        agree = {"change": change, "by": second, "is_agreed": True}
        self.attempt("agree", lambda: decide_payee(**agree))
        people[leader].is_frozen, people[leader].changed_at = False, self.village.at
