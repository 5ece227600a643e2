"""The life of a payment as a table: every edge has its number, and what is not here does not exist.

Numbers are explained in docs/payments.md. Rows without a target state change nothing and
only say what is done. Money truth is monotone: from SUCCEEDED no edge leads away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from payments.kernel.state import Edges
from payments.models import ChannelFact, Payment

S = Payment.Status
Source = ChannelFact.Source


class Event(StrEnum):
    """What can happen to a payment: what we did, or what we were told and believe."""

    BEGIN = "begin"
    SEND = "send"
    NOT_SENT = "not_sent"
    GIVE_UP = "give_up"
    NO_ANSWER = "no_answer"
    WAITING = "waiting"
    SUCCESS = "success"
    REFUSAL = "refusal"
    NOT_FOUND_YET = "not_found_yet"
    NOT_FOUND = "not_found"
    NOT_FOUND_TOO_LATE = "not_found_too_late"
    CLOSE_WANTED = "close_wanted"
    CLOSE_UNSENT = "close_unsent"
    CLOSED = "closed"
    CLOSE_UNKNOWN = "close_unknown"
    RAN_OUT = "ran_out"
    REPEATED_SUCCESS = "repeated_success"
    OTHER_SUCCESS = "other_success"
    APPLY = "apply"
    SURPLUS = "surplus"
    MISMATCH = "mismatch"
    HELD_ENDED = "held_ended"
    FORGERY = "forgery"
    DOWNGRADE = "downgrade"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Edge:
    """One row of the table; `heard` narrows it to where we heard it, None is anywhere."""

    no: str
    event: Event
    sources: frozenset[str]
    to: str | None
    heard: frozenset[str] | None = None


def _edge(  # noqa: PLR0917 - the table below reads by its columns
    no: str, event: Event, sources: set[str], to: str | None, heard: set[str] | None = None
) -> Edge:
    return Edge(no, event, frozenset(sources), to, None if heard is None else frozenset(heard))


_ANSWER: Final[set[str]] = {Source.CREATE}
_ELSEWHERE: Final[set[str]] = {Source.QUERY, Source.NOTIFY, Source.CLOSE, Source.BILL}
_NOT_FROM_THE_BILL: Final[set[str]] = {Source.CREATE, Source.QUERY, Source.NOTIFY, Source.CLOSE}
_BILL: Final[set[str]] = {Source.BILL}
_NOT_OVER: Final[set[str]] = {S.CREATED, S.SENT, S.PENDING, S.UNKNOWN, S.CLOSING}
_ANY: Final[set[str]] = set(S.values)

# fmt: off
MACHINE: Final[tuple[Edge, ...]] = (
    _edge("1", Event.BEGIN, set(), S.CREATED),
    _edge("2", Event.SEND, {S.CREATED}, S.SENT),
    _edge("3", Event.WAITING, {S.SENT, S.UNKNOWN}, S.PENDING),
    _edge("4", Event.SUCCESS, {S.SENT}, S.SUCCEEDED, _ANSWER),
    _edge("5", Event.REFUSAL, {S.SENT}, S.FAILED, _ANSWER),
    _edge("6", Event.NOT_SENT, {S.SENT}, S.CREATED),
    _edge("6", Event.GIVE_UP, {S.SENT}, S.FAILED),
    _edge("7", Event.NO_ANSWER, {S.SENT}, S.UNKNOWN),
    _edge("8", Event.SUCCESS, {S.CREATED, S.SENT}, S.SUCCEEDED, _ELSEWHERE),
    _edge("9", Event.SUCCESS, {S.UNKNOWN, S.PENDING}, S.SUCCEEDED, _NOT_FROM_THE_BILL),
    _edge("10", Event.NOT_FOUND_YET, {S.UNKNOWN}, None),
    _edge("11", Event.NOT_FOUND, {S.UNKNOWN}, S.CREATED),
    _edge("11", Event.NOT_FOUND_TOO_LATE, {S.UNKNOWN}, S.FAILED),
    _edge("12", Event.REFUSAL, {S.UNKNOWN, S.PENDING}, S.FAILED, _NOT_FROM_THE_BILL),
    _edge("12", Event.REFUSAL, {S.SENT}, S.FAILED, _ELSEWHERE),
    _edge("13", Event.CLOSE_WANTED, {S.CREATED, S.SENT, S.PENDING, S.UNKNOWN}, S.CLOSING),
    _edge("13", Event.CLOSE_UNSENT, {S.CREATED}, S.CLOSED),
    _edge("14", Event.CLOSED, {S.CLOSING, S.SENT, S.PENDING, S.UNKNOWN}, S.CLOSED),
    _edge("14", Event.REFUSAL, {S.CLOSING}, S.CLOSED),
    _edge("14", Event.NOT_FOUND, {S.CLOSING}, S.CLOSED),
    _edge("14", Event.NOT_FOUND_TOO_LATE, {S.CLOSING}, S.CLOSED),
    _edge("15", Event.SUCCESS, {S.CLOSING}, S.SUCCEEDED),
    _edge("16", Event.CLOSE_UNKNOWN, {S.CLOSING}, None),
    _edge("16", Event.NOT_FOUND_YET, {S.CLOSING}, None),
    _edge("16", Event.WAITING, {S.CLOSING}, None),
    _edge("17", Event.RAN_OUT, {S.CLOSING}, S.CLOSED),
    _edge("18", Event.SUCCESS, {S.CLOSED, S.FAILED}, S.SUCCEEDED),
    _edge("19", Event.REPEATED_SUCCESS, {S.SUCCEEDED}, None),
    _edge("19b", Event.OTHER_SUCCESS, {S.SUCCEEDED}, None),
    _edge("20", Event.APPLY, {S.SUCCEEDED}, None),
    _edge("21", Event.SURPLUS, {S.SUCCEEDED}, None),
    _edge("22", Event.MISMATCH, _ANY, None),
    _edge("22", Event.HELD_ENDED, _NOT_OVER, S.CLOSED),
    _edge("23", Event.FORGERY, _ANY, None),
    _edge("24", Event.DOWNGRADE, {S.SUCCEEDED}, None),
    _edge("25", Event.ORPHAN, set(), None),
    _edge("26", Event.SUCCESS, {S.UNKNOWN, S.PENDING}, S.SUCCEEDED, _BILL),
    _edge("26", Event.REFUSAL, {S.UNKNOWN, S.PENDING}, S.FAILED, _BILL),
)
# fmt: on

EDGES: Final[Edges] = {
    status: frozenset(edge.to for edge in MACHINE if status in edge.sources and edge.to is not None)
    for status in S.values
}


def find_edge(*, status: str, event: Event, heard: str | None = None) -> Edge | None:
    """Return the row of the table for this event in this state, None where nothing happens."""
    for edge in MACHINE:
        is_heard_there = edge.heard is None or heard in edge.heard
        if edge.event == event and status in edge.sources and is_heard_there:
            return edge
    return None


def named_edge(event: Event) -> Edge:
    """Return the one row of an event that does not depend on the state."""
    return next(edge for edge in MACHINE if edge.event == event)
