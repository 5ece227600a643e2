"""Smaller doors of the leaders' floor: numbers to call, identity, keys, standing in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse

from groupleader.errors import CalledEnoughError, IdentityNumberError, NotALeaderError
from groupleader.models import Leader, NumberAsked, NumbersADay, PayeeChange, TaxIdentity
from groupleader.models.calls import CALLS_A_DAY_MOST
from groupleader.sealing import unseal
from groupleader.services.calling import number_to_call
from groupleader.services.key_giving import give_point
from groupleader.services.leaders import change_payee
from groupleader.services.standing import reinstate, suspend
from groupleader.services.tax_identities import enter_identity, is_identity_number
from mall.fulfilment.errors import NotYourPointError
from mall.fulfilment.models import OverdueBag, OverduePolicy
from mall.groupbuy.models import GroupBuy
from mall.ordering.models import OrderFulfilment, Status
from mall.pickup.errors import PointClosedError, StandInError
from mall.pickup.helping import helped_points
from mall.pickup.models import PickupPoint
from mall.pickup.standing_in import stand_in
from payments.api import business_date, now
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_open_group, make_person
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.neighbourhood import make_led_group, order_each
from tests.mall.ordering.shopping import fill, place

_DAY = timedelta(days=1)
NUMBER = "11010519491231002X"


def waiting_bags_of(group, count: int) -> list[OverdueBag]:
    """So many bags that wait beyond their day."""
    GroupBuy.objects.filter(pk=group.group_buy_id).update(pickup_on=business_date() - _DAY)
    orders = order_each(group, [make_person(f"居民{n}") for n in range(count)], status="arrived")
    OrderFulfilment.objects.update(arrived_at=now())
    policy = OverduePolicy.objects.order_by("pk").first()
    return OverdueBag.objects.bulk_create(
        OverdueBag(
            order=order, storage_class="chilled", policy=policy, until=now() + _DAY, next_at=now()
        )
        for order in orders
    )


@pytest.fixture
def group(db):
    return make_led_group()


@pytest.fixture
def leader(group) -> Leader:
    return Leader.objects.get(user=group.leader)


def test_each_number_is_written_down_once_a_day_and_so_many_a_day(group, leader, settings):
    settings.LINLI_CALLS_A_DAY = 2
    first, second, third = waiting_bags_of(group, 3)

    assert number_to_call(leader=leader, bag_id=first.pk) == first.order.receiver_phone
    assert number_to_call(leader=leader, bag_id=first.pk) == first.order.receiver_phone
    number_to_call(leader=leader, bag_id=second.pk)
    with pytest.raises(CalledEnoughError) as refused:
        number_to_call(leader=leader, bag_id=third.pk)

    assert refused.value.data == {"a_day": 2}
    assert set(NumberAsked.objects.values_list("order_no", flat=True)) == {
        first.order.order_no, second.order.order_no
    }  # fmt: skip
    assert NumbersADay.objects.get().count == 2
    # Those she saw today stay open; another leader sees none of them.
    assert number_to_call(leader=leader, bag_id=first.pk)
    with pytest.raises(NotYourPointError):
        number_to_call(leader=make_leader("李姐"), bag_id=first.pk)
    assert NumberAsked.objects.count() == 2


def test_the_page_says_that_it_is_enough_and_staff_see_who_asked(group, leader, client, settings):
    settings.LINLI_CALLS_A_DAY = 1
    first, second = waiting_bags_of(group, 2)
    client.force_login(leader.user)

    shown = client.post(reverse("groupleader:call", args=[first.pk])).content.decode()
    refused = client.post(reverse("groupleader:call", args=[second.pk]), follow=True)

    assert first.order.receiver_phone[-4:] in shown
    assert second.order.receiver_phone.removeprefix("+86") not in refused.content.decode()
    assert "电话号码已较多" in refused.content.decode()
    client.force_login(make_user("客服", is_staff=True))
    listed = client.get(reverse("admin:groupleader_numberasked_changelist")).content.decode()
    assert first.order.order_no in listed
    assert first.order.receiver_phone.removeprefix("+86") not in listed


@pytest.mark.django_db(transaction=True)
def test_asked_for_by_many_hands_at_once_no_number_is_given_beyond_the_days(settings):
    settings.LINLI_CALLS_A_DAY = 3
    group = make_led_group()
    leader, bags = Leader.objects.get(user=group.leader), waiting_bags_of(group, 6)

    ends = all_at_once(
        [lambda bag=bag: number_to_call(leader=leader, bag_id=bag.pk) for bag in bags]
    )

    given = [end for end in ends if isinstance(end, str)]
    assert len(given) == NumberAsked.objects.count() == NumbersADay.objects.get().count == 3
    # The control: whoever counts without looking is stopped by the table itself.
    with pytest.raises(IntegrityError), transaction.atomic():
        NumbersADay.objects.update(count=F("count") + CALLS_A_DAY_MOST)


def test_she_enters_her_own_identity_number_and_reads_its_end_only(leader, client):
    client.force_login(leader.user)
    page = reverse("groupleader:identity")
    wish = {"legal_name": "王秀兰", "number": "110105 19491231 002x"}

    assert client.post(page, wish | {"number": "110105194912310021"}).status_code == 422
    assert client.post(page, wish)["Location"] == reverse("groupleader:account")

    kept = TaxIdentity.objects.get(leader=leader)
    assert (unseal(kept.number_sealed), kept.last4, kept.entered_by) == (
        NUMBER,
        "002X",
        leader.user,
    )
    for shown in (client.get(page), client.get(reverse("groupleader:account"))):
        assert "····002X" in shown.content.decode()
        assert NUMBER[6:14] not in shown.content.decode()


def test_it_is_changed_after_a_fresh_sign_in_only(leader, client):
    enter_identity(leader=leader, legal_name="王秀兰", number=NUMBER, by=leader.user)
    client.force_login(leader.user)
    type(leader.user).objects.update(last_login=now() - _DAY)
    page = reverse("groupleader:identity")

    client.post(page, {"legal_name": "别人", "number": NUMBER})
    again = client.post(reverse("groupleader:sign-in-again"), {"next": "identity"})

    assert TaxIdentity.objects.get().legal_name == "王秀兰"
    assert again["Location"].endswith(page)


def test_a_sign_in_on_another_phone_makes_nobody_fresh_on_this_one(leader, client):
    client.force_login(leader.user)
    session = client.session
    session["signed_in_at"] = (now() - _DAY).isoformat()
    session.save()
    Client().force_login(leader.user)
    account = {"bank": "建行", "holder": leader.name, "account": "6217001234567890123"}

    client.post(reverse("groupleader:account"), account)
    client.post(reverse("groupleader:identity"), {"legal_name": "x", "number": NUMBER})

    leader.refresh_from_db()
    assert leader.payee_last4 == ""
    assert not TaxIdentity.objects.exists()


def test_an_old_message_denies_nothing_any_more(leader, client):
    change_payee(leader=leader, bank="建行", holder=leader.name, account="6217001234567890123")
    change = leader.payee_changes.get()
    page = reverse("groupleader:not-me", args=[change.key])
    assert client.get(page).status_code == 200
    PayeeChange.objects.update(asked_at=now() - timedelta(days=184))

    assert client.post(page).status_code == 404
    leader.refresh_from_db()
    assert leader.payee_frozen_at is None


@pytest.mark.parametrize("day", ["19990231", "20991231", "19000000"])
def test_a_number_has_a_day_somebody_was_born_on(day, leader):
    weights, checks = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
    digits = f"110105{day}002"
    number = digits + checks[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]

    assert not is_identity_number(number)
    with pytest.raises(IdentityNumberError):
        enter_identity(leader=leader, legal_name="王", number=number, by=leader.user)


def test_a_point_goes_to_an_active_leader_only(group, leader):
    staff, other = make_user("店长", is_staff=True), make_leader("李姐")
    Leader.objects.filter(pk=other.pk).update(status=Leader.Status.SUSPENDED)

    with pytest.raises(NotALeaderError):
        give_point(point_id=group.pickup_point_id, to_leader=other, by=staff)
    assert PickupPoint.objects.get(pk=group.pickup_point_id).leader == leader.user

    Leader.objects.filter(pk=other.pk).update(status=Leader.Status.ACTIVE)
    give_point(point_id=group.pickup_point_id, to_leader=other, by=staff)
    assert PickupPoint.objects.get(pk=group.pickup_point_id).leader == other.user


def test_suspended_her_group_takes_no_orders_and_staff_hand_out_what_runs(leader, client, acquirer):
    group = make_open_group(point=PickupPoint.objects.get(leader=leader.user))
    staff, resident = make_user("店长", is_staff=True), make_person("王阿姨")
    (order,) = order_each(group, [resident], status=Status.ARRIVED)
    buyer = make_person()
    basket = fill(group, buyer, first=1)
    suspend(leader=leader, reason="goods", note="", by=staff)

    with pytest.raises(PointClosedError):
        place(basket, buyer, payable=3000)
    client.force_login(staff)
    page = reverse("admin:groupleader_leader_standing", args=[leader.pk])
    act = "admin:groupleader_leader_standing_act"
    for _twice in range(2):
        client.post(reverse(act, args=[leader.pk, "stand-in"]))
    assert group.pickup_point.name in client.get(page).content.decode()
    assert client.get(reverse("groupleader:bag", args=[order.order_no])).status_code == 200
    client.post(reverse("groupleader:bag", args=[order.order_no]))

    order.refresh_from_db()
    assert order.status == Status.COLLECTED
    assert order.collections.get().handed_over_by == staff
    leader.refresh_from_db()
    reinstate(leader=leader, by=staff)
    assert helped_points(staff.pk) == {}


def test_nobody_stands_in_where_the_leader_stands_herself(leader):
    staff, point = make_user("店长", is_staff=True), PickupPoint.objects.get(leader=leader.user)

    with pytest.raises(StandInError):
        stand_in(leader_id=leader.user_id, by=staff)
    suspend(leader=leader, reason="goods", note="", by=staff)
    with pytest.raises(StandInError):
        stand_in(leader_id=leader.user_id, by=make_person())
    stand_in(leader_id=leader.user_id, by=staff)

    other = make_leader("李姐")
    give_point(point_id=point.pk, to_leader=other, by=staff)
    assert helped_points(staff.pk) == {}
