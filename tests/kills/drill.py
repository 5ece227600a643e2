"""The drill: residents shop, parts of the house are killed at random, then everybody's books agree.

python -m tests.kills.drill --kills 500 --seed 7        (DATABASE_URL names a database to copy)

Prints one line of JSON with the counts; ends with 1 and the differences where there are any.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.kills.cluster import Cluster, own_cluster

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kills.house import House
    from tests.kills.shoppers import Shopper

SHOPPERS = 6
PAUSE_SECONDS = (0.2, 1.2)
REST_SECONDS = 150
RECOVERY_SECONDS_MAX = 60


def main() -> int:
    """Copy the database into a cluster of the drill's own and hold the drill there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))
    asked = parser.parse_args()
    with own_cluster(_libpq(os.environ["DATABASE_URL"])) as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django  # noqa: PLC0415 - the settings read the address of the database

        django.setup()
        told = hold(cluster, kills=asked.kills, seed=asked.seed)
    print(json.dumps(told, ensure_ascii=False), flush=True)
    return 1 if told["wrong"] else 0


def hold(cluster: Cluster, *, kills: int, seed: int) -> dict[str, object]:
    """Hold the drill; return what was done and what was wrong afterwards."""
    from tests.kills.house import House  # noqa: PLC0415 - needs Django's settings
    from tests.kills.town import open_town  # noqa: PLC0415

    dice = Random(seed)
    started = time.monotonic()
    with ExitStack() as house_rules:
        town = house_rules.enter_context(open_town(SHOPPERS, seed=seed))
        house = House(cluster)
        house_rules.callback(house.close)
        house.open()
        killed, slowest = _storm(house, town.shoppers, kills=kills, dice=dice)
        wrong = _reckon(town.acquirers_books)
        if slowest > RECOVERY_SECONDS_MAX:
            wrong.append(f"open again only after {slowest:.0f} s")
        seen: Counter[str] = sum((shopper.seen for shopper in town.shoppers), Counter())
    return {
        "seed": seed,
        "kills": sum(killed.values()),
        "killed": dict(killed),
        "seen": dict(sorted(seen.items())),
        **_counts(),
        "slowest_recovery_seconds": round(slowest, 1),
        "seconds": round(time.monotonic() - started),
        "wrong": wrong,
    }


def _storm(
    house: House, shoppers: list[Shopper], *, kills: int, dice: Random
) -> tuple[Counter[str], float]:
    """Kill at random while all of them shop; return what fell, and the longest time closed.

    The next part is killed when the house is open again: what is dead already proves nothing.
    """
    over = threading.Event()
    crowd = [threading.Thread(target=each.shop_until, args=[over]) for each in shoppers]
    for each in crowd:
        each.start()
    killed: Counter[str] = Counter()
    slowest = 0.0
    victims, weights = zip(*house.VICTIMS.items(), strict=True)
    try:
        for number in range(kills):
            over.wait(dice.uniform(*PAUSE_SECONDS))
            # Every kind falls at least once, whatever the dice say.
            first = victims[number] if number < len(victims) else None
            victim = first or dice.choices(victims, weights)[0]
            at = time.monotonic()
            house.kill(victim, dice)
            killed[victim] += 1
            house.open()
            slowest = max(slowest, time.monotonic() - at)
    finally:
        over.set()
        for each in crowd:
            each.join()
    return killed, slowest


def _reckon(acquirers_books: Path) -> list[str]:
    from tests.databases import ROOT  # noqa: PLC0415
    from tests.kills.reckoning import come_to_rest, differences  # noqa: PLC0415
    from tests.servers import program_environment  # noqa: PLC0415

    come_to_rest(REST_SECONDS)
    verify = subprocess.run(
        [sys.executable, "manage.py", "verify_books", "--all"],
        cwd=ROOT,
        env=program_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [] if verify.returncode == 0 else [verify.stdout[-3000:] + verify.stderr[-500:]]
    return wrong + list(differences(acquirers_books))


def _counts() -> dict[str, object]:
    from django.db.models import Count  # noqa: PLC0415

    from mall.ordering.models import OrderFulfilment  # noqa: PLC0415
    from payments.models import Payment, Refund  # noqa: PLC0415

    def by_status(model: type) -> dict[str, int]:
        rows = model.objects.order_by().values_list("status").annotate(Count("pk"))
        return dict(sorted(rows))

    return {
        "orders": by_status(OrderFulfilment),
        "payments": by_status(Payment),
        "refunds": by_status(Refund),
    }


def _libpq(url: str) -> str:
    """Write a DATABASE_URL as PostgreSQL's own programs understand it."""
    parts = urlsplit(url)
    if parts.netloc:
        return url
    folder, _, name = parts.path.rpartition("/")
    return f"host={folder} dbname={name}"


if __name__ == "__main__":
    sys.exit(main())
