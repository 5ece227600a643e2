"""What many bank offers cost a page, on both databases, beside slower ways to do the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from tests.bench.reconciliation import ROOT, on_postgres, on_sqlite

OFFERS = (100, 1000, 5000)
_COLUMNS = ("database", "offers", "of her bank", "a card", "a card not yet known")
_COLUMNS += ("all of one bank", "one after the other", "a page's quote, 5 cards", "its queries")


def measure(sizes: tuple[int, ...] = OFFERS) -> list[dict[str, float | str]]:
    """Run every number of offers on every database in processes of their own."""
    found: list[dict[str, float | str]] = []
    for name, database in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        for offers in sizes:
            with tempfile.TemporaryDirectory(prefix="linli-bench-") as place, database() as url:
                took = _one(offers, place, url)
                found.append({"database": name, **took})
                print(f"{name} {offers:,} offers: {json.dumps(took)}", flush=True)
    return found


def section(found: list[dict[str, float | str]]) -> str:
    """Write what was found as tables."""
    rows = [
        f"| {' | '.join(_COLUMNS)} |",
        f"| --- |{' ---: |' * (len(_COLUMNS) - 1)}",
        *(_row(each) for each in found),
        "",
        "| Oscar's conditional offers, ten lines | offers | CPU | queries |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {each['database']} | {each['oscar_offers']:,} | {each['oscar_ms']:,.0f} ms | "
            f"{each['oscar_queries']:,} |"
            for each in found
            if each["offers"] == each["oscar_offers"]
        ),
    ]
    return "\n".join(rows)


def _row(each: dict[str, float | str]) -> str:
    figures = ("card_ms", "new_card_ms", "one_bank_ms", "linear_ms", "quote_ms")
    told = " | ".join(f"{each[name]:.3f} ms" for name in figures)
    return (
        f"| {each['database']} | {each['offers']:,} | {each['of_the_card']} | {told} | "
        f"{each['quote_queries']} |"
    )


def _one(offers: int, place: str, url: str) -> dict[str, float]:
    environment = os.environ | {
        "LINLI_DATA": place,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "mall.config.settings",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.program", "offers_run", str(offers)],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(ran.stdout.splitlines()[-1])
