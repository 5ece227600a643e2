"""The rules of misbehaviour: which fault strikes where, how often, and by what chance.

A rule is posted on the admin plane, kept in the books, counted when it strikes, and deleted again.
Whoever is about to do something that can go wrong asks `Rules.find` at its point.
"""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from payments.sandbox.books import Books
from payments.sandbox.clock import now_ms
from payments.sandbox.faults import FAULTS, Point
from payments.sandbox.refusals import Refusal

_TEXTS: Final = ("route", "number", "kind", "day")
_FIELDS: Final = frozenset({"fault", *_TEXTS, "count", "probability", "after", "args"})


@dataclass(frozen=True, slots=True)
class Strike:
    """A rule that strikes now: which fault, and what it was told besides."""

    rule_id: int
    fault: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def seconds(self, default: float, name: str = "seconds") -> float:
        """Read a length of time from the rule's args."""
        value = self.args.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    def whole(self, name: str, default: int) -> int:
        """Read a whole number from the rule's args."""
        value = self.args.get(name, default)
        return value if type(value) is int else default

    def text(self, name: str, default: str = "") -> str:
        """Read a text from the rule's args."""
        value = self.args.get(name, default)
        return value if isinstance(value, str) else default


class Rules:
    """The rules of one bank; its chance comes from one Random that can be seeded."""

    def __init__(self, books: Books) -> None:
        """Keep the rules in these books."""
        self._books = books
        self.random = random.Random()  # noqa: S311 - chance for play, and it must be repeatable
        self._dice = threading.Lock()

    def seed(self, seed: int) -> None:
        """Begin the chance of all rules anew from a seed."""
        with self._dice:
            self.random.seed(seed)

    def add(self, said: Mapping[str, Any]) -> int:
        """Add a rule and return its id; Refusal PARAM_ERROR for one nobody could follow.

        Fields: fault; route, number, kind and day, all of which must fit where they are named;
        after (so many chances pass first), count (strikes at most so often), probability, args.
        """
        _check(said)
        with self._books.writing() as connection:
            added = connection.execute(
                "INSERT INTO fault_rules (fault, route, number, kind, day, skips_left,"
                " strikes_left, probability, args, created_ms)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    said["fault"],
                    *(said.get(name, "") for name in _TEXTS),
                    said.get("after", 0),
                    said.get("count"),
                    said.get("probability", 1.0),
                    json.dumps(said.get("args", {})),
                    now_ms(),
                ),
            )
        return int(added.lastrowid or 0)

    def listed(self) -> list[dict[str, Any]]:
        """List all rules with how often each has struck."""
        rows = self._books.connection.execute("SELECT * FROM fault_rules ORDER BY id")
        return [
            {
                "id": row["id"],
                "fault": row["fault"],
                **{name: row[name] for name in _TEXTS},
                "after": row["skips_left"],
                "count": row["strikes_left"],
                "probability": row["probability"],
                "args": json.loads(row["args"]),
                "struck": row["struck"],
            }
            for row in rows
        ]

    def delete(self, rule_id: int | None = None) -> int:
        """Delete one rule, or all; return how many."""
        with self._books.writing() as connection:
            gone = connection.execute(
                "DELETE FROM fault_rules WHERE ? IS NULL OR id = ?", (rule_id, rule_id)
            )
        return gone.rowcount

    def find(
        self,
        point: Point,
        *,
        kind: str = "",
        numbers: Iterable[str] = (),
        route: str = "",
        day: str = "",
    ) -> list[Strike]:
        """Return what strikes at this point for this thing, and count it.

        Inside a write transaction of this thread it takes part in it: undone, it never struck.
        """
        names = [name for name, where in FAULTS.items() if where is point]
        marks = ",".join("?" * len(names))
        query = (
            f"SELECT * FROM fault_rules WHERE fault IN ({marks})"  # noqa: S608 - question marks only
            " AND strikes_left IS NOT 0"
            " AND kind IN ('', ?) AND route IN ('', ?) AND day IN ('', ?) ORDER BY id"
        )
        known = {"", *numbers}
        rows = self._books.connection.execute(query, (*names, kind, route, day)).fetchall()
        fitting = [row for row in rows if row["number"] in known]
        if not fitting:
            return []
        if self._books.connection.in_transaction:
            return self._count(self._books.connection, fitting)
        with self._books.writing() as connection:
            return self._count(connection, fitting)

    def standing(self, point: Point, *, kind: str, day: str) -> list[Strike]:
        """Return what strikes at this point as long as its rule stands, without counting it.

        For what must look the same however often it is asked for; `count` 0 puts a rule to rest.
        """
        return [
            Strike(rule["id"], rule["fault"], rule["args"])
            for rule in self.listed()
            if FAULTS[rule["fault"]] is point and rule["count"] != 0
            if rule["kind"] in {"", kind} and rule["day"] in {"", day}
        ]

    def _count(self, connection: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[Strike]:
        struck = []
        for row in rows:
            skipped = connection.execute(
                "UPDATE fault_rules SET skips_left = skips_left - 1"
                " WHERE id = ? AND skips_left > 0",
                (row["id"],),
            )
            if skipped.rowcount or not self._chance(row["probability"]):
                continue
            counted = connection.execute(
                "UPDATE fault_rules SET struck = struck + 1, strikes_left = strikes_left - 1"
                " WHERE id = ? AND strikes_left IS NOT 0",
                (row["id"],),
            )
            if counted.rowcount:
                struck.append(Strike(row["id"], row["fault"], json.loads(row["args"])))
        return struck

    def _chance(self, probability: float) -> bool:
        if probability >= 1:
            return True
        with self._dice:
            return self.random.random() < probability


def _check(said: Mapping[str, Any]) -> None:
    """Refuse a rule with a fault, field or value nobody knows: a typing slip must not pass."""
    if said.get("fault") not in FAULTS:
        raise Refusal("PARAM_ERROR", f"no such fault: {said.get('fault')!r}")
    if unknown := sorted(set(said) - _FIELDS):
        raise Refusal("PARAM_ERROR", f"a rule has no {', '.join(unknown)}")
    is_readable = (
        all(isinstance(said.get(name, ""), str) for name in _TEXTS)
        and _is_count(said.get("after", 0))
        and (said.get("count") is None or _is_count(said["count"]))
        and isinstance(said.get("args", {}), dict)
        and type(said.get("probability", 1.0)) in {int, float}
    )
    if not is_readable or not 0 <= said.get("probability", 1.0) <= 1:
        raise Refusal("PARAM_ERROR", "a rule's field cannot be read")


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
