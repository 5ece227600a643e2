"""The table of edges itself: complete, monotone, and the only truth about transitions."""

from __future__ import annotations

from itertools import product

import pytest

from payments.acquiring.contract import Scene
from payments.kernel.tenders import Funder
from payments.models import Payment, Tender
from payments.services.machine import EDGES, MACHINE, Event, find_edge

S = Payment.Status


def test_every_number_of_the_design_is_in_the_table():
    numbers = {edge.no for edge in MACHINE}

    assert numbers == {str(n) for n in range(1, 27)} | {"19b"}


def test_nothing_leads_away_from_success():
    assert EDGES[S.SUCCEEDED] == frozenset()


def test_success_is_reachable_from_everywhere_else():
    others = set(S.values) - {S.SUCCEEDED}

    assert {status for status in others if S.SUCCEEDED in EDGES[status]} == others


@pytest.mark.parametrize("status", S.values)
def test_an_event_in_a_state_means_one_edge_at_most(status):
    for event, heard in product(Event, ["create", "query", "notify", "close", "bill"]):
        meant = [
            edge
            for edge in MACHINE
            if edge.event == event
            and status in edge.sources
            and (edge.heard is None or heard in edge.heard)
        ]

        assert len(meant) <= 1
        assert find_edge(status=status, event=event, heard=heard) == (meant[0] if meant else None)


def test_one_word_for_one_thing_in_models_and_papers():
    assert set(Payment.Scene.values) == {str(scene) for scene in Scene}
    assert set(Tender.Funder.values) == {str(funder) for funder in Funder}
