"""A case in words that all its readers share: where it stands, what happened, who did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mall.aftersales.models import AfterSalesCase, CaseMessage, CaseStep, Role
from payments.api import Money, local

Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn
What = CaseStep.What
_TONES = {
    Status.REQUESTED: "sun",
    Status.APPROVED: "sun",
    Status.REFUNDING: "leaf",
    Status.REFUNDED: "leaf",
}
_BAD = (What.REJECTED, What.REFUND_FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """A step as a timeline shows it; state is done, now, next or bad."""

    title: str
    text: str
    at: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageShown:
    """What somebody wrote, with who she is to the reader."""

    who: str
    text: str
    at: datetime
    is_own: bool


def yuan(minor: int) -> str:
    """Show 1250 as ¥12.50."""
    return f"¥{Money(minor).major}"


def day_and_time(at: datetime) -> str:
    """Show a moment as people read it off a telephone."""
    return date_format(local(at), "n-j H:i")


def tone_of(case: AfterSalesCase) -> str:
    """Return the colour of where a case stands."""
    return _TONES.get(Status(case.status), "quiet")


def asked_text(quantity: int) -> str:
    """Say for what money is asked: pieces, or a part of their price."""
    if not quantity:
        return _("A part of the money")
    return ngettext("%(n)d piece", "%(n)d pieces", quantity) % {"n": quantity}


def status_text(case: AfterSalesCase, *, reader: str) -> str:
    """Say in a word where a case stands, to one of its people."""
    if case.is_offered:
        return _("Your answer is needed") if reader == Role.RESIDENT else _("Offer made")
    if case.status == Status.APPROVED:
        return _("Approved, being checked")
    if case.status == Status.CANCELLED:
        return pgettext("case", "Withdrawn")
    if case.status == Status.REQUESTED and case.turn == Turn.MALL:
        return _("With the mall")
    return str(case.get_status_display())


def who(role: str) -> str:
    """Name somebody by what she is in a case."""
    names: dict[str, str] = {
        Role.RESIDENT: _("Resident"),
        Role.LEADER: _("Group leader"),
        Role.MALL: _("The mall"),
    }
    return names.get(role, "")


def story_of(case: AfterSalesCase, *, reader: str) -> list[StoryStep]:
    """Return a case's story with what comes next; one query."""
    steps = [_step(step) for step in case.steps.all()]
    if case.is_open or case.status == Status.REFUNDING:
        text = ""
        if case.due_at is not None and case.status == Status.REQUESTED:
            text = _("until %(at)s") % {"at": day_and_time(case.due_at)}
        title = next_title(case, reader=reader)
        steps.append(StoryStep(title=title, text=text, at=None, state="now"))
    return steps


def next_title(case: AfterSalesCase, *, reader: str) -> str:
    """Say what a case waits for."""
    if case.status == Status.REFUNDING:
        if case.refund_failed_at:
            return _("The mall is settling the refund with the bank by hand")
        return _("The bank is paying it back")
    is_hers = reader == Role.RESIDENT
    titles: dict[str, str] = {
        Turn.LEADER: _("The group leader is looking at it"),
        Turn.MALL: _("The mall is looking at it"),
        Turn.RESIDENT: _("Waiting for your answer")
        if is_hers
        else _("The resident thinks it over"),
        Turn.SECOND: _("A second person at the mall is checking it"),
    }
    return titles.get(case.turn, "")


def messages_of(case: AfterSalesCase, *, reader: str) -> list[MessageShown]:
    """Return what was written on a case; one query."""
    return [_message(message, reader) for message in case.messages.all()]


def _message(message: CaseMessage, reader: str) -> MessageShown:
    is_own = message.role == reader
    return MessageShown(
        who=_("You") if is_own else who(message.role),
        text=message.text,
        at=message.at,
        is_own=is_own,
    )


def _step(step: CaseStep) -> StoryStep:
    parts = [who(step.role)]
    if step.what != What.REFUND_FAILED:
        parts += [yuan(step.minor) if step.minor else "", step.note]
    return StoryStep(
        title=str(step.get_what_display()),
        text=" · ".join(part for part in parts if part),
        at=step.at,
        state="bad" if step.what in _BAD else "done",
    )
