"""A migrated SQLite file grown from an older one: only the migrations that changed are run.

Migrating from nothing takes a minute and more. Each template keeps beside it which migrations made
it (`.json`: their files' digests); one whose migrations are all still the same is a start for the
next. `python -m tests.growing FILE` migrates FILE as far as those went that changed least lately.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader

Made = dict[str, str]


def grow(file: Path, cache: Path) -> None:
    """Migrate an absent `file`, from the template in `cache` that went furthest the same way.

    The migrations that stayed the same since the last time are kept as a template of their own:
    who changes one twice waits once.
    """
    graph = MigrationLoader(None).graph
    present = {f"{key[0]}.{key[1]}": _digest(graph.nodes[key]) for key in graph.nodes}
    start, made = _furthest(cache, present)
    if start is not None:
        shutil.copyfile(start, file)
    steady = _steady(graph, present, cache)
    if len(steady) > len(made):
        MigrationExecutor(connection).migrate(_tips(graph, steady))
        name = hashlib.sha256(json.dumps(sorted(steady.items())).encode()).hexdigest()[:16]
        connection.close()
        _keep(file, cache / f"steady-{name}.sqlite3", steady)
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    _whole(file)
    (cache / "latest.json").write_text(json.dumps(present))
    file.with_suffix(".json").write_text(json.dumps(present))


def _digest(migration: Any) -> str:
    return hashlib.sha256(Path(inspect.getfile(type(migration))).read_bytes()).hexdigest()[:16]


def _furthest(cache: Path, present: Made) -> tuple[Path | None, Made]:
    """Return the template most of whose way is ours, or none."""
    best: tuple[Path | None, Made] = (None, {})
    for paper in cache.glob("*.json"):
        template = paper.with_suffix(".sqlite3")
        made: Made = json.loads(paper.read_text())
        if template.exists() and len(made) > len(best[1]) and made.items() <= present.items():
            best = (template, made)
    return best


def _steady(graph: MigrationGraph, present: Made, cache: Path) -> Made:
    """Return the migrations that are what they were last time, all before them included."""
    latest = cache / "latest.json"
    before: Made = json.loads(latest.read_text()) if latest.exists() else {}

    def is_steady(key: tuple[str, str]) -> bool:
        way = [f"{app}.{name}" for app, name in graph.forwards_plan(key)]
        return all(before.get(step) == present[step] for step in way)

    return {
        f"{app}.{name}": present[f"{app}.{name}"]
        for app, name in graph.nodes
        if is_steady((app, name))
    }


def _tips(graph: MigrationGraph, steady: Made) -> list[tuple[str, str]]:
    """Return the last steady migration of each app."""
    keys = [key for key in graph.nodes if f"{key[0]}.{key[1]}" in steady]
    return [
        key
        for key in keys
        if not any(
            child.key in keys and child.key[0] == key[0] for child in graph.node_map[key].children
        )
    ]


def _keep(file: Path, template: Path, made: Made) -> None:
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(template)) as copy:
        source.backup(copy)
    _whole(template)
    template.with_suffix(".json").write_text(json.dumps(made))


def _whole(file: Path) -> None:
    """Put all of it into the one file that is copied."""
    with closing(sqlite3.connect(file)) as whole:
        whole.execute("PRAGMA journal_mode=DELETE")


if __name__ == "__main__":
    os.environ["DATABASE_URL"] = f"sqlite:///{sys.argv[1]}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "mall.config.settings"
    django.setup()
    grow(Path(sys.argv[1]), Path(sys.argv[1]).parent)
