"""A rain's life: announced by two people, over by itself, replayed by anybody."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from mall.promotions.approvals import approve, propose
from mall.redpackets import invariants
from mall.redpackets.chance import commitment
from mall.redpackets.drawing import Drawer
from mall.redpackets.errors import RainRuleError
from mall.redpackets.models import RainSession
from mall.redpackets.replay import COLUMNS, replay, write_record
from mall.redpackets.selectors import (
    Phase,
    figures_of,
    odds_of,
    phase_of,
    rain_to_announce,
    share_of,
    shown_sessions,
)
from mall.redpackets.sessions import announce, end_due, stop
from payments.api import IllegalTransitionError, SecondPersonError, now
from tests.factories.groups import make_person
from tests.mall.redpackets.rains import make_draft, make_rain, one_draw
from tests.mall.vouchers.batches import make_batch

pytestmark = pytest.mark.django_db


def test_announcing_seals_a_seed():
    session = make_draft()
    announce(session)

    assert session.state == RainSession.State.PLANNED
    assert len(session.seed) == 64
    assert commitment(session.seed) == session.seed_sha256
    with pytest.raises(IllegalTransitionError):
        announce(session)


def test_two_people_announce():
    session = make_draft()
    proposal = propose("launch", kind="rain", pk=session.pk, by="ada")
    with pytest.raises(SecondPersonError):
        approve(proposal, by="ada")
    approve(proposal, by="bo")
    session.refresh_from_db()
    assert session.state == RainSession.State.PLANNED


@pytest.mark.parametrize(
    "wrong",
    [
        {"prizes": ()},
        {"prizes": ((100, 9000), (200, 1001))},
        {"prizes": ((200_000, 1),)},
        {"budget_minor": 900},
        {"seconds": 90_000},
        {"starts_at": now() - timedelta(days=1)},
        {"batch_code": "no-such-batch"},
    ],
)
def test_what_makes_no_sense_is_not_announced(wrong):
    with pytest.raises(RainRuleError):
        announce(make_draft(**wrong))


def packets(**changes) -> str:
    """A batch of red packets; its code."""
    fields = {"kind": "red_packet", "threshold_minor": 0, "discount_minor": 20_000}
    return make_batch(**{**fields, "total_stock": 1_000_000, **changes}).code


@pytest.mark.parametrize(
    "change",
    [
        {"state": "paused"},
        {"kind": "voucher"},
        {"budget_minor": 99_999},
        {"discount_minor": 999},
        {"total_stock": 999},
    ],
)
def test_the_batch_must_be_able_to_give_it_all(change):
    with pytest.raises(RainRuleError):
        announce(make_draft(batch_code=packets(**change)))


def test_what_one_rain_was_promised_another_cannot_be():
    code = packets(budget_minor=150_000)
    announce(make_draft(batch_code=code))
    with pytest.raises(RainRuleError):
        announce(make_draft(batch_code=code))
    announce(make_draft(batch_code=code, budget_minor=50_000))


def test_a_rain_is_over_by_itself_and_then_shows_its_seed():
    session = make_rain()
    assert (phase_of(session), end_due(10)) == (Phase.DURING, {"over": 0})
    with time_machine.travel(session.ends_at, tick=False):
        assert phase_of(session) == Phase.AFTER
        assert (end_due(10), end_due(10)) == ({"over": 1}, {"over": 0})
    session.refresh_from_db()
    assert session.is_closed
    with pytest.raises(IllegalTransitionError):
        stop(session)


def test_it_is_announced_a_day_before():
    session = make_draft(starts_at=now() + timedelta(hours=30))
    assert rain_to_announce() is None
    announce(session)
    assert rain_to_announce() is None
    near = rain_to_announce(now() + timedelta(hours=7))
    assert (near.is_on, near.title) == (False, "周三红包雨")
    assert rain_to_announce(session.starts_at).is_on
    assert rain_to_announce(session.ends_at) is None


def test_drafts_are_shown_to_nobody():
    make_draft()
    rain = make_rain()
    assert shown_sessions() == [rain]


def test_the_odds_name_nothing_too():
    odds = odds_of(make_rain())
    assert [(each.amount_minor, each.chances, each.percent) for each in odds] == [
        (1000, 1000, "10"),
        (100, 4000, "40"),
        (0, 5000, "50"),
    ]


def test_her_share_counts_what_her_card_drew_elsewhere():
    session, resident, sister = make_rain(), make_person(), make_person()
    one_draw(session, resident, 1, "f1")

    share = share_of(session, Drawer(resident_id=sister.pk, fingerprints=("f1",)))

    assert (share.left, share.next_number, share.draws) == (2, 1, ())
    own = share_of(session, Drawer(resident_id=resident.pk))
    assert (own.left, own.next_number, len(own.draws)) == (2, 2, 1)
    assert share_of(session, None).left == 0


def test_staff_see_what_falls_while_it_falls():
    session = make_rain(prizes=((500, 10_000),), budget_minor=1000)
    for _ in range(3):
        one_draw(session, make_person())
    session.refresh_from_db()

    seen = figures_of(session)

    assert (seen.draws, seen.persons, seen.wins, seen.empty) == (3, 3, 2, 1)
    assert (seen.given_minor, seen.left_minor) == (1000, 0)
    assert [(odds.amount_minor, n) for odds, n in seen.by_prize] == [(500, 2), (0, 1)]
    assert sum(n for _minute, n, _wins in seen.by_minute) == 3


def test_the_command_draws_again_and_finds_what_was_changed():
    session = make_rain(prizes=((500, 5000),), budget_minor=1000)
    for _ in range(8):
        one_draw(session, make_person())
    told = io.StringIO()
    call_command("check_rain", session.code, stdout=told)
    assert "8 draws" in told.getvalue()
    assert "0 wrong" in told.getvalue()

    session.refresh_from_db()
    drawn = session.draws.first()
    other = (drawn.roll + 1) % 10_000
    _force(f"UPDATE redpackets_raindraw SET roll = {other} WHERE id = {drawn.pk}")  # noqa: S608

    assert replay(session).wrong == (
        f"{drawn.draw_no}: rolled {other}, the seed says {drawn.roll}",
    )
    assert invariants.check()[0].violations
    with pytest.raises(CommandError):
        call_command("check_rain", session.code, stdout=told)
    with pytest.raises(CommandError):
        call_command("check_rain", "no-such-rain", stdout=told)


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE redpackets_rainsession SET spent_minor = spent_minor - 500",
        "UPDATE redpackets_raindraw SET spent_minor = 0 WHERE outcome = 'empty'",
        "UPDATE redpackets_rainsession SET seed = '22' || substr(seed, 3)",
        "DELETE FROM redpackets_rainturn",
    ],
)
def test_a_forged_record_is_noticed(forged):
    session = make_rain(prizes=((500, 10_000),), budget_minor=1000, seed="11" * 32)
    for _ in range(3):
        one_draw(session, make_person())
    _force(forged)
    session.refresh_from_db()
    assert replay(session).wrong != ()


def test_the_record_names_no_resident():
    session = make_rain(prizes=((500, 10_000),))
    drawn = one_draw(session, make_person())
    file = io.StringIO()

    write_record(session, file)

    header, line = file.getvalue().splitlines()
    assert header == ",".join(COLUMNS)
    assert line.startswith(f"{drawn.draw_no},")
    assert drawn.person in line


def _force(statement: str) -> None:
    """Change what the database guards, as somebody with its keys could."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = [
                (name, sql) for name, sql in cursor.fetchall() if name.startswith("redpackets_")
            ]
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(statement)
            return
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("raindraw", "rainsession"):
            cursor.execute(f"ALTER TABLE redpackets_{table} DISABLE TRIGGER USER")
        cursor.execute(statement)
