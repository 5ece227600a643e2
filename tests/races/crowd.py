"""Many buyers in several processes, let loose at once on this test's database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from mall.accounts.models import User
from mall.groupbuy.models import GroupBasket
from tests.databases import ROOT
from tests.servers import program_environment

PROCESSES = 4


@dataclass(frozen=True)
class Outcome:
    """What became of the crowd's orders."""

    placed: list[dict[str, Any]]
    refused: list[str]
    broken: list[str]

    @property
    def order_numbers(self) -> set[str]:
        """The different orders placed."""
        return {each["order_no"] for each in self.placed}


def wish(
    basket: GroupBasket,
    resident: User,
    *,
    payable: int,
    way: str = "cashier",
    key: str = "",
    **more: Any,
) -> dict[str, Any]:
    """One press of the button; ``more`` of her wish: voucher_no, points."""
    return {
        "basket": basket.pk,
        "resident": resident.pk,
        "payable": payable,
        "wish": {"way": way, "voucher_no": "none", **more},
        "key": key or f"key-{basket.pk}-{resident.pk}",
    }


def rush(wishes: Sequence[dict[str, Any]], *, without: str = "") -> Outcome:
    """Let all of them press at once, spread over PROCESSES processes; a guard may be left out."""
    shares = [wishes[n::PROCESSES] for n in range(PROCESSES)]
    crowd = [_start(without) for share in shares if share]
    for process, share in zip(crowd, shares, strict=False):
        _say(process, json.dumps(share))
    for process in crowd:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    for process in crowd:
        _say(process, "go")
    outcomes: list[dict[str, Any]] = []
    for process in crowd:
        told, _ = process.communicate(timeout=120)
        outcomes += json.loads(told.strip().splitlines()[-1])
    return Outcome(
        placed=[each for each in outcomes if "order_no" in each],
        refused=[each["refused"] for each in outcomes if "refused" in each],
        broken=[each["broken"] for each in outcomes if "broken" in each],
    )


def drop_guards(**names: str) -> None:
    """Take the database's own guard down too: constraints by table, triggers, unique indexes."""
    with connection.cursor() as cursor:
        for kind, name in names.items():
            for statement in _DROPS[kind, connection.vendor](name):
                cursor.execute(statement)


def _start(without: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.races.buyers"]
    return subprocess.Popen(
        [*command, *(["--without", without] if without else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=program_environment(),
    )


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


_DROPS = {
    ("trigger", "sqlite"): lambda name: [
        f"DROP TRIGGER {name}_INSERT",
        f"DROP TRIGGER {name}_UPDATE",
    ],
    ("trigger", "postgresql"): lambda name: [f"DROP TRIGGER {name} ON partner_stockrecord"],
    ("index", "sqlite"): lambda name: [f"DROP INDEX {name}"],
    ("index", "postgresql"): lambda name: [f"DROP INDEX {name}"],
}
