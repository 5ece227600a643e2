"""Every address of portal, interface and shop, asked by everybody else: nothing seen or done."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

import pytest

from groupleader.models import Leader
from tests.groupleader.sweep import table
from tests.groupleader.sweep.asking import Address, Asker, addresses, is_meant, rows, undone
from tests.groupleader.sweep.town import Town, build

pytestmark = pytest.mark.django_db

ROOMS: Final = (
    ("leader/", "groupleader", table.PORTAL, table.LEADERS_PART),
    ("p/", None, table.PORTAL, table.LEADERS_PART),
    ("api/v1/leader/", "groupleader_rest_api", table.LEADERS_INTERFACE, table.LEADERS_PART),
    ("api/v1/", "rest_api", table.RESIDENTS_INTERFACE, table.RESIDENTS_PART),
    ("", "storefront", table.SHOP, table.RESIDENTS_PART),
    ("supplier/", "supplier_statements", table.SUPPLIERS, table.RESIDENTS_PART),
)
DEAD: Final = {
    "token": "x" * 43,
    "dead_key": "x" * 32,
    "purchase_no": "P1",
    "statement_no": "S1",
    "stop_id": 1,
    "redemption_no": "R1",
    "what": "confirm",
    "slug": "shu-cai",
    "form": "pdf",
}


@pytest.fixture
def town(acquirer) -> Town:
    return build()


def test_nobody_else_sees_or_does_anything(town):
    wrong = []
    for prefix, room, lines, askers in ROOMS:
        asked = _asked(town, prefix, room, lines)
        for who in askers:
            asker, before = Asker(town.people.get(who)), rows()
            for address, kind in asked:
                if who in table.ENOUGH.get(kind, askers):
                    wrong += _ask(town, asker, address, kind=kind, who=who)
            wrong += [f"{who} changed {row}" for row in before ^ rows()]
    wrong += _with_impossible_numbers(town)
    wrong += _as_suspended(town)

    assert not wrong, "\n".join(wrong)


def _with_impossible_numbers(town: Town) -> list[str]:
    """Ask as leader A with numbers no row has, and letters no database takes: never a 500."""
    asker, wrong = Asker(town.people["owner"]), []
    for prefix, room, _lines, _askers in ROOMS[:3]:
        there = (DEAD | town.of_leader).items()
        things = {name: 2**70 if isinstance(is_, int) else "x" * 200 for name, is_ in there}
        for address in addresses(prefix, room, things):
            if "<" not in address.pattern:
                continue
            for method in address.methods:
                with undone():
                    status, _said = asker.asks(address, method, {})
                if status >= 500:
                    wrong.append(f"{address.name} {method} with an impossible number: {status}")
    return wrong


def _as_suspended(town: Town) -> list[str]:
    """Ask as leader A after she was suspended: what was hers a moment ago is closed."""
    owner = town.people["owner"]
    Leader.objects.filter(user=owner).update(status=Leader.Status.SUSPENDED)
    asker, before, wrong = Asker(owner), rows(), []
    for prefix, room, lines, _askers in ROOMS[:3]:
        for address, kind in _asked(town, prefix, room, lines):
            if table.WHO_GETS_WHAT[kind]["resident"] == table.NO:
                wrong += _ask(town, asker, address, kind=kind, who="suspended")
    return wrong + [f"suspended changed {row}" for row in before ^ rows()]


def _asked(
    town: Town, prefix: str, room: str | None, lines: dict[str, str]
) -> list[tuple[Address, str]]:
    """Every address of a part, and what who gets of it."""
    things = DEAD | town.of_leader
    if lines in (table.RESIDENTS_INTERFACE, table.SHOP, table.SUPPLIERS):
        things |= DEAD | town.of_resident
    found = []
    for address in addresses(prefix, room, things):
        name = address.name.rpartition(":")[2]
        assert name in lines, f"{address.name} ({address.path}): whose is it? Say so in table.py"
        found.append((address, lines[name]))
    return found


def _ask(town: Town, asker: Asker, address: Address, *, kind: str, who: str) -> list[str]:
    """Ask an address every way it knows; return what is not as it should be."""
    what = table.NO if who == "suspended" else table.WHO_GETS_WHAT[kind][who]
    if what == table.OK and address.name in table.NOT_ASKED_WHERE_ALLOWED:
        return []
    wrong, answered = [], 0
    marks = [
        mark
        for mark in town.marks_for(who, is_public=kind == table.PUBLIC)
        if mark not in address.path
    ]
    for method in address.methods:
        with undone() if what in {table.OK, table.ANY} else nullcontext():
            status, said = asker.asks(address, method, town.body)
        if status == 405:
            continue
        answered += 1
        seen = [mark for mark in marks if mark in said]
        if seen or not is_meant(status, what):
            wrong.append(f"{who} {method} {address.name}: {status}, not {what} {seen}")
    return wrong if answered else [f"{who} {address.name}: takes nothing"]
