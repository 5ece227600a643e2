"""The moving part of a group's page: the same for all, asked for cheaply, true figures only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mall.groupbuy.models import Entry, GroupBuy, GroupBuyItem, LeaderGroup, WaitingPlace
from mall.pickup.models import PointDay
from payments.api import now
from tests.factories.groups import (
    item_of,
    make_draft,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)
from tests.mall.ordering.shopping import fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> LeaderGroup:
    return _group(3)


def _group(goods: int) -> LeaderGroup:
    plans = [make_item_plan(make_product(f"糯玉米 {n}"), price_minor=990) for n in range(goods)]
    return make_open_group(items=plans)


def _join(group: LeaderGroup, *, people: int = 1, remark: str = "") -> None:
    resident, first = make_person(), group.last_number + 1
    Entry.objects.bulk_create(
        Entry(
            group=group,
            number=first + n,
            order_no=f"M{group.pk}{first + n}",
            resident=resident,
            masked_name="李*娟",
            summary="糯玉米 ×2",
            remark=remark,
            quantity=2,
            amount_minor=1980,
            at=now(),
        )
        for n in range(people)
    )
    group.last_number += people
    LeaderGroup.objects.filter(pk=group.pk).update(
        last_number=group.last_number, joined_count=people, version=group.last_number
    )


def _live(group: LeaderGroup, **headers: str):
    cache.clear()
    return Client().get(f"/g/{group.share_code}/live/", headers=headers)


def _sell(item: GroupBuyItem, **changes: object) -> None:
    GroupBuyItem.objects.filter(pk=item.pk).update(**changes)


def test_who_looks_again_gets_304_until_somebody_joins(group):
    first = _live(group)
    again = _live(group, if_none_match=first["ETag"])
    _join(group, remark="放门口")
    moved = _live(group, if_none_match=first["ETag"])

    assert (first.status_code, again.status_code, moved.status_code) == (200, 304, 200)
    assert not again.content
    html = moved.content.decode()
    assert "李*娟" in html
    assert "放门口" in html
    assert moved["ETag"] != first["ETag"]


def test_a_piece_sold_elsewhere_in_the_sale_moves_the_page(group):
    tag = _live(group)["ETag"]
    _sell(item_of(group), sold=1)

    assert _live(group, if_none_match=tag).status_code == 200


def test_the_moving_part_is_nobodys_own(group):
    person = make_person("周小梅")
    fill(group, person, first=3)
    client = Client()
    client.force_login(person)
    url = f"/g/{group.share_code}/live/"

    hers, anyones = client.get(url), Client().get(url)

    assert hers.content == anyones.content
    assert "周小梅" not in hers.content.decode()
    assert "Set-Cookie" not in anyones.headers
    assert "Cookie" not in anyones.headers.get("Vary", "")


def test_questions_do_not_grow_with_goods_or_neighbours():
    few, many = _group(3), _group(60)
    _join(many, people=200)
    asked = []
    for group in (few, many):
        _live(group)
        cache.clear()
        with CaptureQueriesContext(connection) as counted:
            response = Client().get(f"/g/{group.share_code}/live/")
        asked.append(len(counted))
        with CaptureQueriesContext(connection) as kept:
            again = Client().get(
                f"/g/{group.share_code}/live/", headers={"if-none-match": response["ETag"]}
            )
        assert (again.status_code, len(kept)) == (304, 0)

    assert asked[0] == asked[1]
    assert asked[0] <= 7


def test_a_draft_has_no_moving_part_and_a_page_only_for_its_leader():
    draft = make_draft().groups.get()
    client = Client()
    client.force_login(draft.leader)
    stranger = Client()
    stranger.force_login(make_person())
    url = f"/g/{draft.share_code}/preview/"

    assert _live(draft).status_code == 404
    assert stranger.get(url).status_code == 404
    assert client.get(url).status_code == 200
    assert Client().get(url).url.startswith("/sign-in/")


def test_progress_says_what_is_missing_and_never_more_than_was_sold(group):
    first, second, third = (item_of(group, n) for n in (1, 2, 3))
    _sell(first, tiers=[[20, 790]], sold=13)
    _sell(second, case_size=6, sold=4)
    _sell(third, minimum_quantity=30, sold=11)
    page = Client().get(f"/g/{group.share_code}/", headers={"accept-language": "en"})
    told = {card.id: [goal.text for goal in card.progress.goals] for card in page.context["cards"]}

    assert [(goal.reached, goal.needed) for goal in page.context["cards"][0].progress.goals] == [
        (13, 20)
    ]
    assert "7" in told[first.pk][0]
    assert "7.90" in told[first.pk][0]
    assert "2" in told[second.pk][0]
    assert "19" in told[third.pk][0]


def test_once_the_results_are_fixed_the_card_says_what_came_of_it(group):
    GroupBuy.objects.filter(pk=group.group_buy_id).update(formed_at=now(), cut_at=now())
    _sell(item_of(group), tiers=[[20, 790]], sold=24, final_price_minor=790, final_quantity=24)

    card = Client().get(f"/g/{group.share_code}/").context["cards"][0]

    assert card.progress.goals == ()
    assert "7.90" in card.progress.now_text


def test_a_groups_own_minimum_is_counted_in_its_own_unit(group):
    for kind, value, missing in (("people", 5, "3"), ("quantity", 9, "5"), ("amount", 5000, "30")):
        LeaderGroup.objects.filter(pk=group.pk).update(
            minimum_kind=kind, minimum_value=value, joined_count=2, quantity=4, amount_minor=2000
        )
        cache.clear()
        goal = Client().get(f"/g/{group.share_code}/").context["group_goal"]
        assert missing in goal.text
        assert not goal.is_done


def test_the_cut_off_stops_the_asking(group):
    assert 'hx-trigger="every' in _live(group).content.decode()
    past = now() - timedelta(minutes=1)
    GroupBuy.objects.filter(pk=group.group_buy_id).update(
        opens_at=past - timedelta(hours=1), closes_at=past
    )

    assert "hx-trigger" not in _live(group).content.decode()


def test_a_full_point_offers_its_waiting_list_and_takes_her_on_it_once(group):
    PointDay.objects.create(
        point=group.pickup_point, day=group.group_buy.pickup_on, boxes=0, used=0
    )
    person = make_person()
    client = Client()
    client.force_login(person)
    url = f"/g/{group.share_code}/"
    assert client.get(url).context["waiting"].place is None

    for _press in range(2):
        client.post(f"{url}wait/")
    cache.clear()

    assert client.get(url).context["waiting"].place == 1
    assert WaitingPlace.objects.filter(resident=person, over_at=None).count() == 1
    client.post(f"{url}wait/leave/")
    assert client.get(url).context["waiting"].place is None


def test_a_group_with_room_has_no_waiting_list(group):
    assert Client().get(f"/g/{group.share_code}/").context["waiting"] is None


def test_a_tolerance_is_paid_with_the_rest_and_kept_below_a_case(group):
    item = item_of(group)
    _sell(item, case_size=6, allows_tolerance=True)
    client = Client()
    base = f"/g/{group.share_code}/items/{item.pk}"
    htmx = {"HTTP_HX_REQUEST": "true"}
    client.post(f"{base}/set/", {"quantity": 2}, **htmx)

    answer = client.post(f"{base}/spare/", {"pieces": 3}, **htmx)
    refused = client.post(f"{base}/spare/", {"pieces": 6}, **htmx)
    nonsense = client.post(f"{base}/spare/", {"pieces": "many"}, **htmx)

    assert answer.context["item"].tolerance == 3
    assert answer.context["basket"].payable_minor == 5 * 990
    assert refused.context["item"].tolerance == 3
    assert nonsense.status_code == 400
    page = client.get(f"/g/{group.share_code}/")
    assert (page.context["basket"].count, page.context["cards"][0].quantity) == (5, 2)
    basket = client.get(f"/g/{group.share_code}/basket/")
    assert (basket.context["lines"][0].quantity, basket.context["lines"][0].pieces) == (2, 5)


def test_below_the_least_amount_the_bar_says_what_is_missing(group):
    GroupBuy.objects.filter(pk=group.group_buy_id).update(min_order_minor=3000)
    client = Client()
    url = f"/g/{group.share_code}/items/{item_of(group).pk}/set/"

    answer = client.post(url, {"quantity": 1}, HTTP_HX_REQUEST="true")

    assert answer.context["basket"].missing_minor == 2010
    assert client.get(f"/g/{group.share_code}/basket/").context["missing_minor"] == 2010
