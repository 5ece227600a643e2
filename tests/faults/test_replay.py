"""A seed is a story that can be told again, word for word."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from mall.config.management.commands import simulate
from mall.config.simulation import scratch
from mall.config.simulation.stage import Outcome
from mall.ordering.models import OrderFulfilment
from tests.databases import sqlite_template


def test_the_same_seed_gives_the_same_story(stage):
    first = stage.play(7)
    other = stage.play(8)
    again = stage.play(7)

    assert again.trace == first.trace
    assert (again.faults, again.crashes, again.edges) == (first.faults, first.crashes, first.edges)
    assert other.trace != first.trace


def test_a_play_is_about_something(stage):
    outcome = stage.play(1)

    assert outcome.orders >= 5
    assert outcome.payments >= outcome.orders
    assert len(outcome.trace) > 50


def test_what_is_wrong_is_told_with_the_command_that_shows_it_again(monkeypatch):
    def play(self, seed, *, orders):
        return Outcome(seed, ["order M1 is paid twice"], ["the story"], orders=1, payments=2)

    monkeypatch.setattr(simulate.Stage, "play", play)
    stage = object.__new__(simulate.Stage)
    command = simulate.Command(stdout=(said := StringIO()))

    tally = command._play(stage, range(17, 18), {"orders": 3, "trace": True})

    lines = said.getvalue().splitlines()
    assert lines[:4] == [
        "seed 17",
        "the story",
        "VIOLATION  order M1 is paid twice",
        "replay     manage.py simulate --seeds 17 --trace",
    ]
    assert [outcome.seed for outcome in tally.bad] == [17]


@pytest.mark.parametrize("text", ["", "x", "1-x", "-3"])
def test_seeds_are_a_number_or_a_range(text):
    with pytest.raises(CommandError, match="neither a seed nor a range"):
        call_command("simulate", seeds=text)


@pytest.mark.django_db(transaction=True)
def test_the_installations_own_data_is_never_touched(monkeypatch):
    monkeypatch.setattr(scratch, "migrated_file", lambda _folder: sqlite_template())
    monkeypatch.setattr(simulate, "scratch_like_our_own", of_this_run)
    own = connection.settings_dict["NAME"]

    call_command("simulate", seeds="2", stdout=(said := StringIO()))

    assert "1 seeds" in said.getvalue()
    assert connection.settings_dict["NAME"] == own
    assert OrderFulfilment.objects.count() == 0


def of_this_run(folder, templates):
    """The command's own choice, without migrating a PostgreSQL database once more."""
    if connection.vendor == "postgresql":
        return scratch.scratch_on_postgres("linli_play_own", connection.settings_dict["NAME"])
    return scratch.scratch_like_our_own(folder, templates)
