"""However often and by whomever at once: one leader, one hand-over, one helper."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from groupleader.models import Leader, LeaderApplication, LeaderEvent
from groupleader.services import applying
from mall.accounts.models import User
from mall.fulfilment.handing_points import carry_out, hand_over_point
from mall.messaging.models import Message
from mall.pickup import helping
from mall.pickup.helping import accept_invitation, invite_helper
from mall.pickup.models import PickupPoint, PointHandover, PointHelper, PointTenure
from payments.api import IllegalTransitionError, LinliError, deliver_pending
from payments.models import OutboxEvent
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_community, make_person, make_point
from tests.groupleader.making import make_user
from tests.groupleader.test_applying import apply_for

pytestmark = pytest.mark.django_db(transaction=True)


def staff(name: str = "办公室") -> User:
    return make_person(name, is_staff=True, phone=None)


def test_approved_and_refused_at_once_she_leads_or_she_does_not():
    chen, here, boss = make_user("陈大姐"), make_community(), staff()
    application = apply_for(chen, here)
    no = {"reason": "other", "note": "太远", "by": boss}

    ends = all_at_once(
        [
            lambda: applying.approve(application=application, community=here, by=boss),
            lambda: applying.refuse(application=application, **no),
        ]
    )

    application.refresh_from_db()
    leads = Leader.objects.filter(user=chen).exists()
    assert sum(isinstance(end, IllegalTransitionError) for end in ends) == 1
    assert application.status == ("approved" if leads else "refused")
    assert PickupPoint.objects.filter(leader=chen).count() == int(leads)
    assert LeaderEvent.objects.filter(what__in=["approved", "refused"]).count() == 1


def test_an_approval_that_does_not_ask_for_the_state_overrules_the_refusal(monkeypatch):
    """Negative control: what says no to the second of two is the state, and nothing else."""
    chen, here, boss = make_user("陈大姐"), make_community(), staff()
    application = apply_for(chen, here)
    applying.refuse(application=application, reason="other", note="太远", by=boss)
    with pytest.raises(IllegalTransitionError):
        applying.approve(application=application, community=here, by=boss)
    monkeypatch.setattr(LeaderApplication, "is_open", True)
    monkeypatch.setattr(applying, "advance", lambda *_row, **_changes: True)

    applying.approve(application=application, community=here, by=boss)

    assert Leader.objects.filter(user=chen).exists()


def leading(name: str) -> Leader:
    return Leader.objects.create(user=make_person(name), name=name, status="active")


def test_two_give_one_point_to_two_leaders_at_once_and_one_has_the_key():
    point, boss = make_point(), staff()
    first, second = leading("刘大哥"), leading("孙阿姨")

    def give(to: Leader) -> Any:
        return lambda: hand_over_point(point_id=point.pk, to_user_id=to.user_id, by=boss)

    ends = all_at_once([give(first), give(second), give(first)])
    for handover in PointHandover.objects.all():
        all_at_once([lambda pk=handover.pk: carry_out(pk)] * 2)

    point.refresh_from_db()
    assert all(isinstance(end, (PointHandover, LinliError)) for end in ends), ends
    assert PointTenure.objects.filter(point=point, until=None).get().leader_id == point.leader_id
    done = PointHandover.objects.exclude(taken_at=None)
    assert done.count() + 1 == PointTenure.objects.filter(point=point).count()
    deliver_pending()
    given = Message.objects.filter(kind="point.taken_over").count()
    assert given == done.count()


def test_a_key_taken_without_ending_the_time_before_is_refused_by_the_database():
    """Negative control: the index alone keeps a point in one hand."""
    point, other = make_point(), leading("刘大哥")
    give = {"point_id": point.pk, "to_user_id": other.user_id, "by": staff()}
    hand_over_point(**give)
    held = PointTenure.objects.get(point=point, until=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        PointTenure.objects.create(point=point, leader=held.leader, since=held.since)


def test_an_invitation_used_four_times_at_once_makes_one_helper_and_is_told_once():
    point, mei = make_point(), make_person("小妹")
    row = invite_helper(point_id=point.pk, phone=mei.phone, name="小妹", by=point.leader)

    ends = all_at_once([lambda: accept_invitation(helper_id=row.pk, by=mei)] * 4)

    assert {end.pk for end in ends} == {row.pk}
    assert PointHelper.objects.get().user_id == mei.pk
    assert OutboxEvent.objects.filter(fact="helper.accepted").count() == 1


def test_accepted_and_ended_at_once_she_does_not_help_after_its_end():
    point, mei = make_point(), make_person("小妹")
    row = invite_helper(point_id=point.pk, phone=mei.phone, name="小妹", by=point.leader)

    all_at_once(
        [
            lambda: accept_invitation(helper_id=row.pk, by=mei),
            lambda: helping.end_helper(helper_id=row.pk, by=point.leader),
        ]
    )

    assert PointHelper.objects.filter(pk=row.pk, ended_at=None).count() == 0
    assert not helping.helps_at(point.pk, mei.pk)
