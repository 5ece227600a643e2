"""Points in the admin: rules by two people, corrections with a reason, the rest to look at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from mall.accounts.models import User
from mall.loyalty.models import PointsAccount, PointsAdjustment, PointsEntry, PointsProgramme
from mall.promotions.approvals import approve
from mall.promotions.models import Proposal
from payments.api import business_date
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import collected, give_points, make_programme, net

pytestmark = pytest.mark.django_db
FIELDS = {
    "paid_minor_per_point": 100,
    "earns_on": "any",
    "member_days": "[8, 18, 28]",
    "member_percent": 200,
    "worth_minor_per_point": 1,
    "most_percent": 50,
    "from_minor": 0,
    "funding": '[{"funder": "platform", "ref": "points", "percent": 100}]',
    "expiry_months": 12,
    "alone_most": 500,
}


@pytest.fixture
def staff(client):
    person = User.objects.create_superuser("ada", password="x")
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


def page(name, *args):
    return reverse(f"admin:loyalty_{name}", args=args)


def choose(client, url, action, *rows):
    return client.post(
        url, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True
    )


def test_rules_are_written_proposed_fixed_by_another_and_replaced(client, staff):
    client.post(page("pointsprogramme_add"), {**FIELDS, "starts_on": business_date()})
    draft = PointsProgramme.objects.get()
    assert (draft.version, draft.state) == (1, "draft")

    choose(client, page("pointsprogramme_changelist"), "propose_to_fix", draft)
    approve(Proposal.objects.get(), by="bo")

    draft.refresh_from_db()
    assert draft.state == "fixed"
    choose(client, page("pointsprogramme_changelist"), "prepare_next", draft)
    following = PointsProgramme.objects.latest("version")
    assert (following.version, following.starts_on) == (2, business_date() + timedelta(days=1))
    assert "in force" in client.get(page("pointsprogramme_changelist")).text
    client.post(
        page("pointsprogramme_change", draft.pk),
        {**FIELDS, "most_percent": 99, "starts_on": draft.starts_on},
    )
    draft.refresh_from_db()
    assert draft.most_percent == 50


def test_what_makes_no_sense_stays_on_the_form(client, staff):
    answer = client.post(
        page("pointsprogramme_add"),
        {**FIELDS, "starts_on": business_date(), "member_days": "[99]"},
    )
    assert answer.status_code == 200
    assert "A list of days of the month" in answer.text
    assert PointsProgramme.objects.count() == 0


def test_a_correction_is_booked_or_waits_for_another_person(client, staff):
    make_programme(alone_most=100)
    resident = make_person()
    url = page("pointsadjustment_add")
    client.post(url, {"resident": resident.pk, "points": 60, "reason": "漏记"})
    assert net(resident) == 60

    client.post(url, {"resident": resident.pk, "points": 900, "reason": "补偿"})
    waiting = PointsAdjustment.objects.get(state="proposed")
    changelist = page("pointsadjustment_changelist")
    refused = choose(client, changelist, "approve", waiting)
    assert "Somebody else has to decide this" in refused.text
    client.force_login(User.objects.create_superuser("bo", password="x"))
    choose(client, changelist, "approve", waiting)
    assert net(resident) == 960

    poor = {"resident": make_person().pk, "points": -1, "reason": "重复"}
    answer = client.post(url, poor, follow=True)
    assert "There are not enough points" in answer.text
    assert PointsAdjustment.objects.count() == 2


def test_nothing_near_points_is_changed_by_hand(client, staff):
    make_programme()
    resident = make_person()
    give_points(resident, 10)
    collected(resident, "M1", 1000)
    for name in ("pointsaccount", "pointsentry", "pointslot", "pointsuse", "orderearning"):
        assert client.get(page(f"{name}_changelist")).status_code == 200
        assert client.get(page(f"{name}_add")).status_code == 403
    for row, name in (
        (PointsAccount.objects.get(), "account"),
        (PointsEntry.objects.first(), "entry"),
    ):
        assert client.get(page(f"points{name}_change", row.pk)).status_code == 200
        assert client.post(page(f"points{name}_delete", row.pk), {"post": "yes"}).status_code == 403
