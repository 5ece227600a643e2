"""Three communities of a county town and five pickup points in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from mall.accounts.models import User
from mall.banks.models import BankUnit
from mall.pickup.keepers import begin_tenure
from mall.pickup.models import Community, PickupPoint

CITY = "清源县"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A pickup point and the community it stands in."""

    community: str
    name: str
    address: str
    leader_phone: str
    latitude: str
    longitude: str
    hours: tuple[time, time] = (time(8), time(20))
    outlet: str = ""


COMMUNITIES = (
    ("幸福里小区", "城东街道", "28.231500", "115.512300"),
    ("翠湖花园", "翠湖新区", "28.243800", "115.498600"),
    ("柳溪村", "柳溪镇", "28.268900", "115.547200"),
)
PLACES = (
    Place(
        community="幸福里小区",
        name="王姐水果店",
        address="幸福里小区 3 栋 1 单元楼下",
        leader_phone="+8613800000001",
        latitude="28.231900",
        longitude="115.512800",
        hours=(time(7, 30), time(21)),
    ),
    Place(
        community="幸福里小区",
        name="李记便利店",
        address="幸福里小区 9 栋东侧门面",
        leader_phone="+8613800000002",
        latitude="28.230700",
        longitude="115.511200",
    ),
    Place(
        community="翠湖花园",
        name="南门驿站",
        address="翠湖花园南门快递驿站",
        leader_phone="+8613800000003",
        latitude="28.242900",
        longitude="115.498900",
        hours=(time(9), time(20, 30)),
    ),
    Place(
        community="翠湖花园",
        name="周记粮油",
        address="翠湖大道 126 号（建行翠湖网点旁）",
        leader_phone="+8613800000004",
        latitude="28.245100",
        longitude="115.499700",
    ),
    Place(
        community="柳溪村",
        name="村口小卖部",
        address="柳溪村村口大樟树旁",
        leader_phone="+8613800000005",
        latitude="28.268200",
        longitude="115.546800",
        hours=(time(8), time(19)),
    ),
)


# A bank's outlet is a pickup point too: it stands outside the sales of the demo's story.
OUTLET = Place(
    community="翠湖花园",
    name="建行余杭支行便民提货点",
    address="翠湖大道 130 号 建行营业厅内",
    leader_phone="+8613800000006",
    latitude="28.245300",
    longitude="115.500100",
    hours=(time(9), time(17)),
    outlet="ccb-yuhang",
)


def load_outlet(people: dict[str, User], units: dict[str, BankUnit]) -> PickupPoint:
    """Set up the bank's counter as a pickup point, once the bank is there."""
    point = _point(OUTLET, Community.objects.get(city=CITY, name=OUTLET.community), people)
    PickupPoint.objects.filter(pk=point.pk).update(
        kind=PickupPoint.Kind.BANK, bank_unit=units[OUTLET.outlet]
    )
    return point


def load_places(people: dict[str, User]) -> list[PickupPoint]:
    """Set the communities up and their points with their leaders; again changes nothing."""
    communities = {
        name: Community.objects.get_or_create(
            city=CITY,
            district=district,
            name=name,
            defaults={"latitude": Decimal(latitude), "longitude": Decimal(longitude)},
        )[0]
        for name, district, latitude, longitude in COMMUNITIES
    }
    return [_point(place, communities[place.community], people) for place in PLACES]


def _point(place: Place, community: Community, people: dict[str, User]) -> PickupPoint:
    opens, closes = place.hours
    point, created = PickupPoint.objects.get_or_create(
        name=place.name,
        defaults={
            "community": community,
            "address": place.address,
            "latitude": Decimal(place.latitude),
            "longitude": Decimal(place.longitude),
            "leader": people[place.leader_phone],
            "phone": place.leader_phone,
            "hours_from": opens,
            "hours_until": closes,
        },
    )
    if created:
        begin_tenure(point)
    return point
