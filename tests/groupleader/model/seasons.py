"""The clock, what the jobs do by themselves, and whole seasons in one go."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from groupleader import jobs
from tests.groupleader.model.acts import PICK, Acts, when

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
        assert self.village.do(lambda: jobs.cut_statements(100))["cut"] == 0

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


class Seasons(Acts):
    """What comes together in real life, done in one go, so that runs get far."""

    @rule(hours=st.sampled_from([24 * 8, 24 * 17, 24 * 32]), who=PICK)
    def season_ends(self, hours: int, who: int) -> None:
        """Statements are cut, nobody says a word, two of finance approve all of them."""
        self.time_passes(hours)
        self.statements_are_cut()
        if self.papers("issued", "answered"):
            self.silence_is_taken_as_yes()
        for paper in self.papers("confirmed"):
            for nth in (who, who + 1, who + 2):
                if paper.state == "confirmed" and paper.first != nth % 3:
                    self._approved_by(paper, nth % 3)

    @when(lambda run: run.papers("approved"))
    @rule()
    def payday(self) -> None:
        """Accounts have cooled; the job pays what it may, and the bank answers."""
        self.time_passes(73)
        self.job_pays()
        self.bank_answers()
