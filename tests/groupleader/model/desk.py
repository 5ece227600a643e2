"""What leaders, finance, the jobs and the bank do with statements and payouts."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from groupleader import jobs
from groupleader.models import Correction, Payout, SettlementStatement
from groupleader.services.correcting import Wish, approve_correction, propose_correction
from groupleader.services.payees import (
    NewAccount,
    change_own_payee,
    decide_payee,
    deny_change,
    propose_payee,
)
from groupleader.services.payouts import pay_statement
from groupleader.services.statements import (
    answer_dispute,
    approve_statement,
    confirm_statement,
    dispute_statement,
)
from payments.acquiring.contract import Outcome
from tests.groupleader.model.accountant import COOLING, LARGE, Paper
from tests.groupleader.model.accountant import Correction as Written
from tests.groupleader.model.acts import PICK, TOLD, YES, Acts, when
from tests.groupleader.model.village import BAD, GOOD

SILENCE = timedelta(days=3)
HOURS = st.sampled_from([1, 24, 73, 24 * 8, 24 * 17, 24 * 32])


class Clock(Acts):
    """Time passes, and the jobs do what is due; each time twice."""

    @rule(hours=HOURS)
    def time_passes(self, hours: int) -> None:
        self.village.wait(timedelta(hours=hours))

    @rule()
    def statements_are_cut(self) -> None:
        """C10: the second run makes none."""
        made = self.village.books.cut(self.village.at + timedelta(seconds=1))
        counts = self.attempt("cut", lambda: jobs.cut_statements(100))
        assert counts["cut"] == len(made), f"cut {counts}, due {len(made)}"
        for paper in made:
            self._note_asked(paper)
        assert self.village.do(lambda: jobs.cut_statements(100))["cut"] == 0

    def _note_asked(self, paper: Paper) -> None:
        paper.asked_at = self.village.at

    @when(lambda run: run.papers("issued", "answered"))
    @rule()
    def silence_is_taken_as_yes(self) -> None:
        self.village.wait(SILENCE + timedelta(hours=1))
        asked = self.papers("issued", "answered")
        counts = self.attempt("silence", lambda: jobs.confirm_silent(100))
        assert counts["confirmed"] == len(asked)
        for paper in asked:
            paper.state = "confirmed"
        assert self.village.do(lambda: jobs.confirm_silent(100))["confirmed"] == 0


class Parties(Acts):
    """Leaders answer; finance answers them, corrects and approves."""

    @when(lambda run: run.papers("issued", "answered", "disputed"))
    @rule(pick=PICK)
    def confirm(self, pick: int) -> None:
        paper = _one(self.papers("issued", "answered", "disputed"), pick)
        row = self.row(paper)
        self.attempt("confirm", lambda: confirm_statement(statement=row, by=row.leader.user))
        paper.state = "confirmed"

    @when(lambda run: run.papers("issued", "answered", "confirmed"))
    @rule(pick=PICK)
    def dispute(self, pick: int) -> None:
        paper = _one(self.papers("issued", "answered", "confirmed"), pick)
        row = self.row(paper)
        said = {"statement": row, "reason": "少算了", "by": row.leader.user}
        late = "illegal_transition" if paper.state == "confirmed" else ""
        self.attempt("dispute", lambda: dispute_statement(**said), refused=late)
        if not late:
            paper.state = "disputed"

    @when(lambda run: run.papers("disputed"))
    @rule(pick=PICK, who=PICK)
    def answer(self, pick: int, who: int) -> None:
        paper = _one(self.papers("disputed"), pick)
        said = {
            "statement": self.row(paper),
            "answer": "下期更正",
            "by": self.village.staff[who % 3],
        }
        self.attempt("answer", lambda: answer_dispute(**said))
        paper.state = "answered"

    @when(lambda run: run.village.books.papers)
    @rule(pick=PICK, who=PICK)
    def approve(self, pick: int, who: int) -> None:
        waiting = self.papers("confirmed") or self.papers()
        paper = _one(waiting or self.village.books.papers, pick)
        if who % 5 == 4:
            user = self.village.leaders[paper.leader].user
            refused = "own_statement"
            self.attempt("approve", lambda: self._approve(paper, user), refused=refused)
            return
        self._approved_by(paper, who % 3)

    def _approve(self, paper: Paper, user: object) -> bool:
        return approve_statement(statement=self.row(paper), by=user)

    def _approved_by(self, paper: Paper, who: int) -> None:
        """C8: above the limit, or while the account is new, it takes two."""
        user = self.village.staff[who]
        if paper.state != "confirmed":
            refused = "second_person_needed" if paper.first == who else "illegal_transition"
            self.attempt("approve", lambda: self._approve(paper, user), refused=refused)
            return
        if paper.first == who:
            refused = "second_person_needed"
            self.attempt("approve", lambda: self._approve(paper, user), refused=refused)
            return
        needs_two = paper.net > LARGE or self.is_cooling(paper.leader)
        is_done = self.attempt("approve", lambda: self._approve(paper, user))
        assert is_done is not (needs_two and paper.first is None)
        if not is_done:
            paper.first = who
            return
        paper.approvers = [each for each in (paper.first, who) if each is not None]
        paper.state = "approved" if paper.net else "paid"

    def is_cooling(self, leader: int) -> bool:
        """Tell whether her account was changed less than 72 hours ago."""
        changed = self.village.books.people[leader].changed_at
        return changed is not None and self.village.at + timedelta(seconds=1) < changed + COOLING

    @rule(leader=PICK, minor=st.sampled_from([1, -1, 700, -9_000, 20_001, -30_000]), who=PICK)
    def correct(self, leader: int, minor: int, who: int) -> None:
        party = self.village.leaders[leader % 4]
        key = f"key-{self.village.number()}"
        wish, user = Wish(amount_minor=minor, reason="差错"), self.village.staff[who % 3]
        how = {"party": party, "wish": wish, "by": user, "key": key}
        made = self.attempt("correct", lambda: propose_correction(**how))
        again = self.village.do(lambda: propose_correction(**how))
        assert made.pk == again.pk
        self.village.books.corrections[key] = written = Written(key, leader % 4, minor)
        made.refresh_from_db()
        written.counts_since = made.decided_at
        assert (written.counts_since is None) == (abs(minor) > 20_000)

    @when(lambda run: run.waiting_corrections())
    @rule(pick=PICK, who=PICK)
    def approve_correction(self, pick: int, who: int) -> None:
        written = _one(self.waiting_corrections(), pick)
        row = Correction.objects.get(key=written.correction_no)
        user = self.village.staff[who % 3]
        refused = "second_person_needed" if row.proposed_by == user else ""
        act = {"correction": row, "by": user}
        self.attempt("approve correction", lambda: approve_correction(**act), refused=refused)
        row.refresh_from_db()
        written.counts_since = row.decided_at

    def waiting_corrections(self) -> list[Written]:
        """Return the corrections that nobody has agreed to yet."""
        return [e for e in self.village.books.corrections.values() if e.counts_since is None]


class Payers(Acts):
    """Payouts start, are lost, refused, paid and sent back; accounts change."""

    @when(lambda run: run.papers("approved", "failed", "paying", "paid", "confirmed"))
    @rule(pick=PICK, who=PICK, lost=st.sampled_from(["", "", "after", "before"]))
    def pay(self, pick: int, who: int, lost: str) -> None:
        chosen = self.papers("approved", "failed", "paying", "paid", "confirmed")
        paper, user = _one(chosen, pick), self.village.staff[who % 3]
        refused = self._why_not(paper, who % 3)
        row = self.row(paper)

        def act() -> Payout:
            return pay_statement(statement=row, by=user)

        if refused or not lost:
            self.attempt("pay", act, refused=refused)
        else:
            fault = f"drop_{lost}_execute"
            with self.village.acquirer.fault(fault, kind="transfer", count=1):
                self.attempt(f"pay, lost {lost}", act)
        if not refused:
            paper.state = "paying"

    def _why_not(self, paper: Paper, who: int) -> str:
        person = self.village.books.people[paper.leader]
        if not paper.net:
            return "nothing_to_transfer"
        if person.is_frozen:
            return "payee_frozen"
        if self.is_cooling(paper.leader):
            return "payee_cooling"
        if paper.net > LARGE and paper.approvers and paper.approvers[-1] == who:
            return "another_person_pays"
        return "" if paper.state in ("approved", "failed") else "illegal_transition"

    @when(lambda run: run.papers("approved"))
    @rule()
    def job_pays(self) -> None:
        ready = [each for each in self.papers("approved") if not self._why_not(each, -1)]
        counts = self.attempt("job pays", lambda: jobs.pay_approved(100))
        assert counts == {"started": len(ready), "refused": 0}
        for paper in ready:
            paper.state = "paying"

    @when(lambda run: run.papers("paying"))
    @rule()
    def bank_answers(self) -> None:
        """Afterwards every payout is what the bank says it is."""
        self.village.bank_works()
        for paper in self.papers("paying"):
            last = self.row(paper).payouts.latest("attempt")
            outcome = self.village.at_bank(last.transfer_no).outcome
            paper.state = "paid" if outcome == Outcome.SUCCEEDED else "failed"
            TOLD[f"bank: {outcome.value}"] += 1
        self.has_changed = True

    @when(lambda run: [each for each in run.papers("paid") if each.net])
    @rule(pick=PICK)
    def bank_sends_back(self, pick: int) -> None:
        paper = _one([each for each in self.papers("paid") if each.net], pick)
        payout = self.row(paper).payouts.get(status="succeeded")
        self.village.bank_sends_back(payout.transfer_no)
        paper.state = "failed"
        TOLD["bank: sent back"] += 1
        self.has_changed = True

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


def _one(rows: list, pick: int):
    return rows[pick % len(rows)]


def every_payout() -> list[Payout]:
    """Return all payouts, statement by statement, in the order in which they were tried."""
    return list(Payout.objects.select_related("statement").order_by("statement", "attempt"))


def every_statement() -> list[SettlementStatement]:
    """Return all statements, oldest first."""
    return list(SettlementStatement.objects.order_by("pk"))
