"""Helpers receive, sort and hand over at one point; money, cases and whole numbers stay away."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from groupleader.models import Leader
from groupleader.portal.urls import urlpatterns
from mall.accounts.errors import InvalidPhoneError
from mall.fulfilment.people import keeps_order, may_hand_over
from mall.fulfilment.weighing import Weigher
from mall.messaging.models import Message
from mall.ordering.models import Status
from mall.pickup.errors import HelperError, HelperGoneError
from mall.pickup.helping import (
    HELPERS_MAX,
    accept_invitation,
    decline,
    end_helper,
    helped_points,
    invite_helper,
)
from mall.pickup.models import PointHelper
from payments.api import deliver_pending
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person, make_point
from tests.mall.fulfilment.counter import bought, form, fresh
from tests.mall.ordering.shopping import make_worked_group

# What a helper may open, and what everybody may.
AT_THE_COUNTER = {
    "arrivals",
    "arrival",
    "to-sort",
    "sorting",
    "sorting-tick",
    "sorting-report",
    "sorting-sheet",
    "labels",
    "scan",
    "bag",
    "part",
    "undo",
    "offline",
    "offline-day",
    "offline-register",
    "offline-acts",
    "conflicts",
    "conflict-settle",
    "devices",
    "device-revoke",
}
FOR_EVERYBODY = {"helping", "helping-answer", "apply", "apply-where", "apply-form", "terms"}
FOR_EVERYBODY |= {"apply-take-back", "worker", "manifest", "not-me"}
SAMPLES = {"int": 1, "str": "pdf", "slug": "M1"}


@pytest.fixture
def point(db):
    return make_point()


@pytest.fixture
def mei(db):
    return make_person("小妹")


def invited(point, user) -> PointHelper:
    return invite_helper(point_id=point.pk, phone=user.phone, name="小妹", by=point.leader)


def test_invited_she_says_yes_and_helps_until_it_ends(point, mei):
    row = invited(point, mei)
    assert invited(point, mei).pk == row.pk
    assert helped_points(mei.pk) == {}

    for _twice in range(2):
        accept_invitation(helper_id=row.pk, by=mei)
    assert helped_points(mei.pk) == {point.pk: point.name}
    assert [end_helper(helper_id=row.pk, by=point.leader) for _twice in range(2)] == [True, False]
    assert helped_points(mei.pk) == {}
    with pytest.raises(HelperGoneError):
        accept_invitation(helper_id=row.pk, by=mei)
    assert invited(point, mei).pk != row.pk


def test_an_invitation_is_of_one_number_and_one_leader(point, mei):
    row = invited(point, mei)
    stranger = make_person("陌生人")

    for act in (accept_invitation, decline):
        with pytest.raises(HelperGoneError):
            act(helper_id=row.pk, by=stranger)
    with pytest.raises(HelperGoneError):
        end_helper(helper_id=row.pk, by=stranger)
    with pytest.raises(HelperError):
        invite_helper(point_id=point.pk, phone=mei.phone, name="", by=stranger)
    with pytest.raises(HelperError):
        invited(point, point.leader)
    with pytest.raises(InvalidPhoneError):
        invite_helper(point_id=point.pk, phone="12", name="", by=point.leader)


@pytest.mark.django_db(transaction=True)
def test_invited_twice_at_once_it_is_one_invitation_and_never_more_than_twenty():
    point, mei = make_point(), make_person("小妹")
    ends = all_at_once([lambda: invited(point, mei)] * 4)
    assert len({end.pk for end in ends}) == 1
    phones = [f"138{n:08d}" for n in range(HELPERS_MAX - 2)]
    for phone in phones:
        invite_helper(point_id=point.pk, phone=phone, name="", by=point.leader)

    more = ["13900000001", "13900000002", "13900000003"]
    ends = all_at_once(
        [
            lambda phone=phone: invite_helper(
                point_id=point.pk, phone=phone, name="", by=point.leader
            )
            for phone in more
        ]
    )

    assert sorted(type(end).__name__ for end in ends) == ["HelperError"] * 2 + ["PointHelper"]
    assert PointHelper.objects.filter(ended_at=None).count() == HELPERS_MAX


@pytest.mark.django_db(transaction=True)
def test_on_the_pages_she_is_invited_accepts_and_is_told_of(client):
    point, mei = make_point(), make_person("小妹")
    Leader.objects.create(user=point.leader, name="王姐", status=Leader.Status.ACTIVE)
    client.force_login(point.leader)
    wish = {"name": "小妹", "phone": mei.phone}
    client.post(reverse("groupleader:point-invite", args=[point.pk]), wish)
    deliver_pending()
    assert Message.objects.get(kind="helper.invited").phone == mei.phone

    client.force_login(mei)
    assert point.name in client.get(reverse("storefront:me")).content.decode()
    assert point.name in client.get(reverse("groupleader:helping")).content.decode()
    row = PointHelper.objects.get()
    done = client.post(reverse("groupleader:helping-answer", args=[row.pk]), {"yes": "1"})
    assert done["Location"] == reverse("groupleader:scan")
    deliver_pending()
    assert Message.objects.get(kind="helper.accepted").user == point.leader
    client.post(reverse("groupleader:helping-answer", args=[row.pk]))
    assert helped_points(mei.pk) == {}


def addresses() -> list[tuple[str, str]]:
    """Every address of the portal with something filled in."""
    found = []
    for pattern in urlpatterns:
        converters = pattern.pattern.converters
        filled = {
            name: SAMPLES.get(type(each).__name__.removesuffix("Converter").lower(), "x")
            for name, each in converters.items()
        }
        try:
            found.append((pattern.name, reverse(f"groupleader:{pattern.name}", kwargs=filled)))
        except NoReverseMatch as error:
            raise AssertionError(f"{pattern.name}: no sample address") from error
    return found


def test_every_other_address_of_the_portal_refuses_a_helper(client, point, mei):
    accept_invitation(helper_id=invited(point, mei).pk, by=mei)
    client.force_login(mei)
    open_ones = []
    for name, url in addresses():
        if name in FOR_EVERYBODY:
            continue
        answers = {client.get(url).status_code, client.post(url).status_code}
        if name in AT_THE_COUNTER:
            continue
        if not answers <= {403, 404, 405}:
            open_ones.append((name, answers))

    assert open_ones == []


@pytest.mark.django_db(transaction=True)
def test_she_receives_and_hands_over_and_sees_no_money(client, acquirer):
    group, mei = make_worked_group(), make_person("小妹")
    accept_invitation(helper_id=invited(group.pickup_point, mei).pk, by=mei)
    order = bought(group, acquirer, payable=3000, first=1)
    form(group)
    client.force_login(mei)

    listed = client.get(reverse("groupleader:arrivals")).content.decode()
    assert group.group_buy.title in listed
    client.post(reverse("groupleader:arrival", args=[group.pk]), {"all": "1"})
    assert fresh(order).status == Status.ARRIVED
    sorting = client.get(reverse("groupleader:sorting", args=[group.pk]))
    assert sorting.status_code == 200
    bag = client.get(reverse("groupleader:bag", args=[order.order_no]))
    assert bag.status_code == 200
    shown = listed + sorting.content.decode() + bag.content.decode()
    assert "¥" not in shown
    assert order.receiver_phone not in shown
    for page in ("orders", "earnings", "cases", "waiting"):
        assert reverse(f"groupleader:{page}") not in bag.content.decode()
    code = {"code": fresh(order).pickup_code}
    assert order.order_no in client.post(reverse("groupleader:scan"), code).content.decode()
    client.post(reverse("groupleader:bag", args=[order.order_no]))

    assert fresh(order).status == Status.COLLECTED
    assert fresh(order).collections.get().handed_over_by == mei


@pytest.mark.django_db(transaction=True)
def test_at_another_point_she_is_a_stranger(client, acquirer):
    group, mei = make_worked_group(), make_person("小妹")
    accept_invitation(helper_id=invited(make_point("别处"), mei).pk, by=mei)
    order = bought(group, acquirer, payable=3000, first=1)
    form(group)
    client.force_login(mei)

    assert not may_hand_over(order, mei)
    for page, what in (("arrival", group.pk), ("sorting", group.pk), ("bag", order.order_no)):
        assert client.get(reverse(f"groupleader:{page}", args=[what])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_she_answers_for_nothing(acquirer):
    group, mei = make_worked_group(), make_person("小妹")
    accept_invitation(helper_id=invited(group.pickup_point, mei).pk, by=mei)
    order = bought(group, acquirer, payable=3000, first=1)

    assert may_hand_over(order, mei)
    assert not keeps_order(order, mei)
    assert not Weigher(user=mei).may_weigh(order)
