"""The lives of refunds, transfers, splits and returned shares as tables, like the payment's.

Every edge has its number: R for refunds, T for transfers, S for splits, B for shares taken back.
What is not here does not exist; rows without a target change nothing and only say what is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from payments.kernel.state import Edges
from payments.models import ChannelFact, Refund, Split, SplitReturn, Transfer
from payments.models.errands import Errand

R = Refund.Status
T = Transfer.Status
S = Split.Status
B = SplitReturn.Status


class ErrandEvent(StrEnum):
    """What can happen to an errand: what we did, or what we were told and believe."""

    BEGIN = "begin"
    BEGIN_BEHIND = "begin_behind"
    BEGIN_EMPTY = "begin_empty"
    FREED = "freed"
    NOT_NEEDED = "not_needed"
    APPROVED = "approved"
    SEND = "send"
    NOT_SENT = "not_sent"
    NO_ANSWER = "no_answer"
    WAITING = "waiting"
    CONFIRM_WANTED = "confirm_wanted"
    SUCCESS = "success"
    PART_SUCCESS = "part_success"
    REFUSAL = "refusal"
    REFUSAL_FOR_NOW = "refusal_for_now"
    CLOSED = "closed"
    ABNORMAL = "abnormal"
    NOT_FOUND_YET = "not_found_yet"
    NOT_FOUND = "not_found"
    CANCELLED_BY_US = "cancelled_by_us"
    RETRY = "retry"
    BY_HAND = "by_hand"
    MISMATCH = "mismatch"


class Note(StrEnum):
    """What an edge that changes nothing still asks for."""

    NONE = ""
    CONTRADICTION = "contradiction"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class ErrandEdge:
    """One row of a table; `heard` narrows it to where we heard it, None is anywhere."""

    no: str
    event: ErrandEvent
    sources: frozenset[str]
    to: str | None
    heard: frozenset[str] | None = None
    note: Note = Note.NONE


@dataclass(frozen=True, slots=True)
class ErrandTable:
    """All edges of one kind of errand."""

    edges: tuple[ErrandEdge, ...]

    @property
    def moves(self) -> Edges:
        """Return which states lead where, for the guarded update."""
        states = {source for edge in self.edges for source in edge.sources}
        return {state: frozenset(self._targets(state)) for state in states}

    def _targets(self, state: str) -> Iterable[str]:
        return (edge.to for edge in self.edges if state in edge.sources and edge.to is not None)

    def find(
        self, *, status: str, event: ErrandEvent, heard: str | None = None
    ) -> ErrandEdge | None:
        """Return the row for this event in this state, None where nothing happens.

        "" is the state of what does not exist yet.
        """
        for edge in self.edges:
            is_heard_there = edge.heard is None or heard in edge.heard
            if edge.event == event and status in edge.sources and is_heard_there:
                return edge
        return None


def _edge(  # noqa: PLR0917 - the tables below read by their columns
    no: str,
    event: ErrandEvent,
    sources: set[str],
    to: str | None,
    **rest: frozenset[str] | Note | None,
) -> ErrandEdge:
    return ErrandEdge(no, event, frozenset(sources), to, **rest)  # type: ignore[arg-type]


E = ErrandEvent
# Two people who looked at the bank's booking are believed like an answer to our own question.
_SELF: Final = frozenset(
    {ChannelFact.Source.CREATE, ChannelFact.Source.QUERY, ChannelFact.Source.DESK}
)
_TOLD: Final = frozenset({ChannelFact.Source.NOTIFY, ChannelFact.Source.BILL})
_ODD: Final = Note.CONTRADICTION

_R_OPEN: Final[set[str]] = {R.CREATED, R.SENT, R.PROCESSING, R.UNKNOWN}
_R_NO: Final[set[str]] = {R.FAILED, R.CLOSED, R.ABNORMAL}
_T_OUT: Final[set[str]] = {T.APPROVED, T.SENT, T.WAIT_USER_CONFIRM, T.PROCESSING, T.UNKNOWN}
_S_OPEN: Final[set[str]] = {S.CREATED, S.SENT, S.PROCESSING, S.UNKNOWN}
_B_OPEN: Final[set[str]] = {B.CREATED, B.SENT, B.PROCESSING, B.UNKNOWN}

# fmt: off
REFUNDS: Final = ErrandTable((
    _edge("R1",  E.BEGIN,           {""},                         R.CREATED),
    _edge("R2",  E.BEGIN_BEHIND,    {""},                         R.TAKING_BACK),
    _edge("R3",  E.FREED,           {R.TAKING_BACK},              R.CREATED),
    _edge("R4",  E.BEGIN_EMPTY,     {""},                         R.SUCCEEDED),
    _edge("R5",  E.SEND,            {R.CREATED},                  R.SENT),
    _edge("R6",  E.NOT_SENT,        {R.SENT},                     R.CREATED),
    _edge("R7",  E.NO_ANSWER,       {R.SENT},                     R.UNKNOWN),
    _edge("R8",  E.WAITING,         {R.SENT, R.UNKNOWN},          R.PROCESSING),
    _edge("R9",  E.SUCCESS,         _R_OPEN,                      R.SUCCEEDED),
    _edge("R10", E.REFUSAL,         _R_OPEN,                      R.FAILED),
    _edge("R11", E.CLOSED,          _R_OPEN,                      R.CLOSED),
    _edge("R12", E.ABNORMAL,        _R_OPEN,                      R.ABNORMAL),
    _edge("R13", E.REFUSAL_FOR_NOW, {R.SENT},                     R.CREATED),
    _edge("R14", E.NOT_FOUND_YET,   {R.SENT, R.UNKNOWN},          None),
    _edge("R15", E.NOT_FOUND,       {R.SENT, R.UNKNOWN},          R.CREATED),
    _edge("R16", E.REFUSAL,         {R.SUCCEEDED},                R.FAILED_AFTER_SUCCESS),
    _edge("R16", E.CLOSED,          {R.SUCCEEDED},                R.FAILED_AFTER_SUCCESS),
    _edge("R16", E.ABNORMAL,        {R.SUCCEEDED},                R.FAILED_AFTER_SUCCESS),
    _edge("R17", E.RETRY,           _R_NO,                        R.CREATED),
    _edge("R18", E.BY_HAND,         _R_NO | {R.FAILED_AFTER_SUCCESS}, R.PAID_BY_HAND),
    _edge("R19", E.SUCCESS,         _R_NO,                        R.SUCCEEDED, heard=_SELF),
    _edge("R20", E.SUCCESS,         _R_NO,                        None, heard=_TOLD, note=Note.ASK),
    _edge("R21", E.SUCCESS,         {R.SUCCEEDED},                None),
    _edge("R21", E.REFUSAL,         _R_NO,                        None),
    _edge("R21", E.CLOSED,          _R_NO,                        None),
    _edge("R21", E.ABNORMAL,        _R_NO,                        None),
    _edge("R22", E.SUCCESS,
          {R.PAID_BY_HAND, R.FAILED_AFTER_SUCCESS, R.TAKING_BACK}, None, note=_ODD),
    _edge("R23", E.MISMATCH,        set(R.values),                None),
))

TRANSFERS: Final = ErrandTable((
    _edge("T1",  E.BEGIN,           {""},                         T.CREATED),
    _edge("T2",  E.APPROVED,        {T.CREATED},                  T.APPROVED),
    _edge("T3",  E.SEND,            {T.APPROVED},                 T.SENT),
    _edge("T4",  E.NOT_SENT,        {T.SENT},                     T.APPROVED),
    _edge("T5",  E.NO_ANSWER,       {T.SENT},                     T.UNKNOWN),
    _edge("T6",  E.CONFIRM_WANTED,  {T.SENT, T.UNKNOWN},          T.WAIT_USER_CONFIRM),
    _edge("T7",  E.WAITING,         {T.SENT, T.UNKNOWN, T.WAIT_USER_CONFIRM}, T.PROCESSING),
    _edge("T8",  E.SUCCESS,         _T_OUT,                       T.SUCCEEDED),
    _edge("T9",  E.REFUSAL,         _T_OUT,                       T.FAILED),
    _edge("T10", E.REFUSAL_FOR_NOW, {T.SENT},                     T.APPROVED),
    _edge("T11", E.NOT_FOUND_YET,   {T.SENT, T.UNKNOWN},          None),
    _edge("T12", E.NOT_FOUND,       {T.SENT, T.UNKNOWN},          T.APPROVED),
    _edge("T13", E.CANCELLED_BY_US, {T.CREATED, T.APPROVED},      T.CANCELLED),
    _edge("T14", E.CLOSED,          _T_OUT,                       T.CANCELLED),
    _edge("T15", E.REFUSAL,         {T.SUCCEEDED},                T.RETURNED),
    _edge("T15", E.CLOSED,          {T.SUCCEEDED},                T.RETURNED),
    _edge("T16", E.SUCCESS,         {T.FAILED, T.CANCELLED},      T.SUCCEEDED, heard=_SELF),
    _edge("T17", E.SUCCESS,         {T.FAILED, T.CANCELLED},      None, heard=_TOLD, note=Note.ASK),
    _edge("T18", E.SUCCESS,         {T.SUCCEEDED},                None),
    _edge("T18", E.REFUSAL,         {T.FAILED, T.CANCELLED, T.RETURNED}, None),
    _edge("T18", E.CLOSED,          {T.FAILED, T.CANCELLED, T.RETURNED}, None),
    _edge("T19", E.SUCCESS,         {T.CREATED, T.RETURNED},      None, note=_ODD),
    _edge("T20", E.MISMATCH,        set(T.values),                None),
))

SPLITS: Final = ErrandTable((
    _edge("S1",  E.BEGIN,           {""},                         S.CREATED),
    _edge("S2",  E.SEND,            {S.CREATED},                  S.SENT),
    _edge("S3",  E.NOT_SENT,        {S.SENT},                     S.CREATED),
    _edge("S4",  E.NO_ANSWER,       {S.SENT},                     S.UNKNOWN),
    _edge("S5",  E.WAITING,         {S.SENT, S.UNKNOWN},          S.PROCESSING),
    _edge("S6",  E.SUCCESS,         _S_OPEN,                      S.SUCCEEDED),
    _edge("S7",  E.PART_SUCCESS,    _S_OPEN,                      S.PARTIAL),
    _edge("S8",  E.REFUSAL,         _S_OPEN,                      S.FAILED),
    _edge("S8",  E.CLOSED,          _S_OPEN,                      S.FAILED),
    _edge("S9",  E.REFUSAL_FOR_NOW, {S.SENT},                     S.CREATED),
    _edge("S10", E.NOT_FOUND_YET,   {S.SENT, S.UNKNOWN},          None),
    _edge("S11", E.NOT_FOUND,       {S.SENT, S.UNKNOWN},          S.CREATED),
    _edge("S12", E.SUCCESS,         {S.SUCCEEDED},                None),
    _edge("S12", E.PART_SUCCESS,    {S.PARTIAL},                  None),
    _edge("S12", E.REFUSAL,         {S.FAILED},                   None),
    _edge("S13", E.SUCCESS,         {S.PARTIAL, S.FAILED},        None, note=_ODD),
    _edge("S13", E.PART_SUCCESS,    {S.SUCCEEDED, S.FAILED},      None, note=_ODD),
    _edge("S13", E.REFUSAL,         {S.SUCCEEDED, S.PARTIAL},     None, note=_ODD),
    _edge("S14", E.MISMATCH,        set(S.values),                None),
))

SHARE_RETURNS: Final = ErrandTable((
    _edge("B1",  E.BEGIN,           {""},                         B.CREATED),
    _edge("B2",  E.BEGIN_BEHIND,    {""},                         B.WAITING),
    _edge("B3",  E.FREED,           {B.WAITING},                  B.CREATED),
    _edge("B4",  E.NOT_NEEDED,      {B.WAITING},                  B.VOID),
    _edge("B5",  E.SEND,            {B.CREATED},                  B.SENT),
    _edge("B6",  E.NOT_SENT,        {B.SENT},                     B.CREATED),
    _edge("B7",  E.NO_ANSWER,       {B.SENT},                     B.UNKNOWN),
    _edge("B8",  E.WAITING,         {B.SENT, B.UNKNOWN},          B.PROCESSING),
    _edge("B9",  E.SUCCESS,         _B_OPEN,                      B.SUCCEEDED),
    _edge("B10", E.REFUSAL,         _B_OPEN,                      B.FAILED),
    _edge("B10", E.CLOSED,          _B_OPEN,                      B.FAILED),
    _edge("B11", E.REFUSAL_FOR_NOW, {B.SENT},                     B.CREATED),
    _edge("B12", E.NOT_FOUND_YET,   {B.SENT, B.UNKNOWN},          None),
    _edge("B13", E.NOT_FOUND,       {B.SENT, B.UNKNOWN},          B.CREATED),
    _edge("B14", E.RETRY,           {B.FAILED},                   B.CREATED),
    _edge("B15", E.SUCCESS,         {B.FAILED},                   B.SUCCEEDED, heard=_SELF),
    _edge("B16", E.SUCCESS,         {B.FAILED},                   None, heard=_TOLD, note=Note.ASK),
    _edge("B17", E.SUCCESS,         {B.SUCCEEDED},                None),
    _edge("B17", E.REFUSAL,         {B.FAILED},                   None),
    _edge("B18", E.SUCCESS,         {B.WAITING, B.VOID},          None, note=_ODD),
    _edge("B18", E.REFUSAL,         {B.SUCCEEDED},                None, note=_ODD),
    _edge("B19", E.MISMATCH,        set(B.values),                None),
))
# fmt: on

TABLES: Final[dict[type[Errand], ErrandTable]] = {
    Refund: REFUNDS,
    Transfer: TRANSFERS,
    Split: SPLITS,
    SplitReturn: SHARE_RETURNS,
}


def table_of(errand: Errand) -> ErrandTable:
    """Return the table of this kind of errand."""
    return TABLES[type(errand)]
