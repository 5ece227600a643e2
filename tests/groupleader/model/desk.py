"""What leaders and finance do with statements and payouts, and what the bank makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from groupleader import jobs
from groupleader.models import Correction, Payout
from groupleader.services.correcting import Wish, approve_correction, propose_correction
from groupleader.services.payouts import pay_statement
from groupleader.services.statements import (
    answer_dispute,
    approve_statement,
    confirm_statement,
    dispute_statement,
)
from payments.acquiring.contract import Outcome
from tests.groupleader.model.acts import PICK, TOLD, Acts, one_of, when
from tests.groupleader.model.papers import COOLING, LARGE, Paper
from tests.groupleader.model.papers import Correction as Written


class Parties(Acts):
    """Leaders answer; finance answers them, corrects and approves."""

    @when(lambda run: run.papers("issued", "answered", "disputed"))
    @rule(pick=PICK)
    def confirm(self, pick: int) -> None:
        paper = one_of(self.papers("issued", "answered", "disputed"), pick)
        row = self.row(paper)
        self.attempt("confirm", lambda: confirm_statement(statement=row, by=row.leader.user))
        paper.state = "confirmed"

    @when(lambda run: run.papers("issued", "answered", "confirmed"))
    @rule(pick=PICK)
    def dispute(self, pick: int) -> None:
        paper = one_of(self.papers("issued", "answered", "confirmed"), pick)
        row = self.row(paper)
        said = {"statement": row, "reason": "少算了", "by": row.leader.user}
        late = "illegal_transition" if paper.state == "confirmed" else ""
        self.attempt("dispute", lambda: dispute_statement(**said), refused=late)
        if not late:
            paper.state = "disputed"

    @when(lambda run: run.papers("disputed"))
    @rule(pick=PICK, who=PICK)
    def answer(self, pick: int, who: int) -> None:
        paper = one_of(self.papers("disputed"), pick)
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
        paper = one_of(waiting or self.village.books.papers, pick)
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
        made.refresh_from_db()
        written = Written(key, leader % 4, minor, made.decided_at, by_one=made.decided_at)
        needs_two = abs(minor) + self._given_alone(leader % 4, made.proposed_at) > 20_000
        assert (made.decided_at is None) == needs_two
        self.village.books.corrections[key] = written

    def _given_alone(self, leader: int, at: datetime) -> int:
        """Return what one person alone gave or took in the last thirty days."""
        since = at - timedelta(days=30)
        mine = [e for e in self.village.books.corrections.values() if e.leader == leader]
        return sum(abs(each.amount) for each in mine if each.by_one and each.by_one > since)

    @when(lambda run: run.waiting_corrections())
    @rule(pick=PICK, who=PICK)
    def approve_correction(self, pick: int, who: int) -> None:
        written = one_of(self.waiting_corrections(), pick)
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
        paper, user = one_of(chosen, pick), self.village.staff[who % 3]
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
        assert (counts["started"], counts["refused"]) == (len(ready), 0)
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
        paper = one_of([each for each in self.papers("paid") if each.net], pick)
        payout = self.row(paper).payouts.get(status="succeeded")
        self.village.bank_sends_back(payout.transfer_no)
        paper.state = "failed"
        TOLD["bank: sent back"] += 1
        self.has_changed = True
