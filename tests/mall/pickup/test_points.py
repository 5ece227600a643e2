"""The nearest pickup point really is the nearest, and a closed one takes no orders."""

from __future__ import annotations

import random
from datetime import date

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from mall.pickup.choosing import choose_point, chosen_point, cookie_value, require_open
from mall.pickup.errors import LeaderOnHolidayError, PointClosedError
from mall.pickup.models import PickupPoint
from mall.pickup.selectors import distance_m, nearest_points, points_by_district, search_points
from tests.factories.groups import make_community, make_person, make_point

pytestmark = pytest.mark.django_db
HERE = (25.055, 118.186)


def at(latitude: float, longitude: float, name: str, leader) -> PickupPoint:
    return make_point(name, latitude=f"{latitude:.6f}", longitude=f"{longitude:.6f}", leader=leader)


def test_a_known_distance():
    # Beijing Tian'anmen to Shanghai People's Square, about 1,068 km on any map.
    metres = distance_m(from_lat=39.9087, from_lng=116.3975, to_lat=31.2304, to_lng=121.4737)
    assert 1_066_000 < metres < 1_070_000
    assert distance_m(from_lat=1, from_lng=2, to_lat=1, to_lng=2) == 0


def test_nearest_first_with_distance_and_none_too_far(django_assert_num_queries):
    leader = make_person()
    at(25.0559, 118.186, "百米店", leader)
    at(25.075, 118.186, "两公里店", leader)
    at(25.155, 118.186, "十一公里店", leader)
    at(26.555, 118.186, "太远店", leader)
    make_point("停用店", latitude="25.055", longitude="118.186", active=False, leader=leader)

    near = nearest_points(latitude=HERE[0], longitude=HERE[1], limit=5)

    assert [found.point.name for found in near] == ["百米店", "两公里店", "十一公里店"]
    assert [found.metres for found in near] == [100, 2224, 11120]
    with django_assert_num_queries(2):
        assert len(nearest_points(latitude=HERE[0], longitude=HERE[1], limit=2)) == 2


def test_it_agrees_with_measuring_every_point():
    leader, seed = make_person(), 20261122
    rng = random.Random(seed)
    points = [
        at(25.05 + rng.uniform(-0.6, 0.6), 118.18 + rng.uniform(-0.6, 0.6), f"点{n}", leader)
        for n in range(60)
    ]

    for _ in range(25):
        place = (25.05 + rng.uniform(-0.5, 0.5), 118.18 + rng.uniform(-0.5, 0.5))
        near = nearest_points(latitude=place[0], longitude=place[1], limit=4)
        measured = sorted(
            (
                distance_m(
                    from_lat=place[0],
                    from_lng=place[1],
                    to_lat=float(point.latitude),
                    to_lng=float(point.longitude),
                ),
                point.pk,
            )
            for point in points
        )
        expected = [pk for metres, pk in measured if metres <= 60_000][:4]
        assert [found.point.pk for found in near] == expected, seed


@pytest.mark.parametrize("place", [(91, 0), (0, 181), (float("nan"), 0)])
def test_a_place_that_is_not_on_earth_is_refused(place):
    with pytest.raises(ValueError, match="place"):
        nearest_points(latitude=place[0], longitude=place[1])


def test_the_poles_are_places_too():
    assert nearest_points(latitude=90, longitude=0) == []


def test_points_are_grouped_by_district_in_two_queries(django_assert_num_queries):
    leader = make_person()
    make_point("东门店", leader=leader)
    make_point("西门店", leader=leader)
    make_point("镇上店", leader=leader, community=make_community("新村", district="凤城镇"))

    with django_assert_num_queries(2):
        districts = points_by_district()
        named = {d.name: [(p.name, p.community.name) for p in d.points] for d in districts}

    assert named == {
        "城关镇": [("东门店", "幸福里"), ("西门店", "幸福里")],
        "凤城镇": [("镇上店", "新村")],
    }
    assert [d.name for d in search_points("新村")] == ["凤城镇"]
    assert search_points("没有这个地方") == []


def test_the_choice_is_kept_in_the_cookie_and_in_the_profile():
    point, resident = make_point(), make_person()
    visitor = AnonymousUser()

    choose_point(user=visitor, point_id=point.pk)
    assert chosen_point(user=visitor, cookie=cookie_value(point)) == point
    assert chosen_point(user=visitor, cookie="forged:1") is None
    assert chosen_point(user=visitor) is None

    choose_point(user=resident, point_id=point.pk)
    assert chosen_point(user=resident) == point


def test_a_point_no_longer_in_use_is_not_chosen_any_more():
    point = make_point()
    cookie = cookie_value(point)
    PickupPoint.objects.update(active=False)

    assert chosen_point(user=AnonymousUser(), cookie=cookie) is None
    with pytest.raises(PickupPoint.DoesNotExist):
        choose_point(user=AnonymousUser(), point_id=point.pk)


def test_a_holiday_runs_from_its_first_to_its_last_shanghai_day():
    point = make_point()
    point.breaks.create(first_day=date(2026, 2, 16), last_day=date(2026, 2, 18))
    cases = [
        ("2026-02-15 15:59:59.999Z", True),
        ("2026-02-15 16:00:00Z", False),
        ("2026-02-18 15:59:59.999Z", False),
        ("2026-02-18 16:00:00Z", True),
    ]
    for instant, takes_orders in cases:
        with time_machine.travel(instant, tick=False):
            if takes_orders:
                require_open(point)
            else:
                with pytest.raises(LeaderOnHolidayError):
                    require_open(point)


@pytest.mark.parametrize("sign", [{"is_open": False}, {"active": False}])
def test_a_closed_point_takes_no_orders(sign):
    with pytest.raises(PointClosedError):
        require_open(make_point(**sign))


def test_a_holiday_that_ends_before_it_begins_is_refused_by_the_database():
    with pytest.raises(IntegrityError):
        make_point().breaks.create(first_day=date(2026, 2, 16), last_day=date(2026, 2, 15))
