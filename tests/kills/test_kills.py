"""Web server, worker and database are killed at random under load: no fen is lost or doubled.

On PostgreSQL, in a cluster of the drill's own: SQLite has no server that could be killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.databases import ROOT, database_url

SHORT_KILLS = 12
VICTIMS = {"web worker", "worker", "web server", "database", "connection"}
LONG_KILLS = int(os.environ.get("LINLI_TEST_KILLS", "500"))


def drill(kills: int, request) -> dict:
    """Hold a drill in a process of its own and return its counts."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills.drill", "--kills", str(kills)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip(), done.stderr[-4000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    line = f"Kill drill: {json.dumps(told, ensure_ascii=False)}"
    request.node.user_properties.append(("told", line))
    assert told["wrong"] == [], told
    return told


if connection.vendor == "postgresql":

    @pytest.mark.timeout(400)
    @pytest.mark.django_db(transaction=True)
    def test_killed_at_random_no_money_is_lost_or_doubled(request):
        told = drill(SHORT_KILLS, request)

        assert told["kills"] == SHORT_KILLS
        assert set(told["killed"]) == VICTIMS
        assert told["payments"]["succeeded"] > 5

    @pytest.mark.nightly
    @pytest.mark.timeout(4 * 3600)
    @pytest.mark.django_db(transaction=True)
    def test_killed_five_hundred_times_no_money_is_lost_or_doubled(request):
        told = drill(LONG_KILLS, request)

        assert told["kills"] == LONG_KILLS
        assert set(told["killed"]) == VICTIMS
        assert told["payments"]["succeeded"] > LONG_KILLS
        assert told["refunds"]["succeeded"] > 0
