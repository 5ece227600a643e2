"""Who is about to lead or to help: an application that waits, a helper, a bank's own counter."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Final

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from groupleader.models import Leader, LeaderApplication
from groupleader.services.applying import hand_in, keep_draft
from groupleader.services.leaders import activate_leader, apply_as_leader
from mall.accounts.models import User
from mall.accounts.signing_in import account_of
from mall.banks.models import BankUnit
from mall.config.demo_data.places import CITY, OUTLET, load_outlet
from mall.pickup.helping import accept_invitation, invite_helper
from mall.pickup.models import Community, PickupPoint, PointHelper
from mall.pickup.signs import add_break
from payments.api import business_date

APPLICANT: Final = ("+8613900000011", "梁敏")
HELPER: Final = ("+8613900000012", "宋玉珍")
COUNTER: Final = (OUTLET.leader_phone, "建行余杭 大堂")


def load_newcomers(people: dict[str, User], units: dict[str, BankUnit]) -> None:
    """Make them once; again changes nothing."""
    _counter(units)
    _application(people[APPLICANT[0]])
    _helper(people)


def _counter(units: dict[str, BankUnit]) -> None:
    phone, name = COUNTER
    user = account_of(phone=phone)
    if user.display_name != name:
        user.display_name = name
        user.save(update_fields=["display_name"])
    leader = apply_as_leader(user=user, name=name)
    if leader.status == Leader.Status.APPLIED:
        activate_leader(leader=leader)
        Leader.objects.filter(pk=leader.pk).update(earns_commission=False)
    load_outlet({phone: user}, units)


def _application(user: User) -> None:
    if LeaderApplication.objects.filter(user=user).exists():
        return
    here = Community.objects.get(city=CITY, name="柳溪村")
    values = {
        "name": user.display_name,
        "community_id": here.pk,
        "city": here.city,
        "district": here.district,
        "community_name": here.name,
        "place_name": "梁家小院",
        "kind": PickupPoint.Kind.HOME,
        "address": "柳溪村 12 组 7 号",
        "hours_note": "晚饭后都在",
    }
    keep_draft(user=user, values=values, photo=ContentFile(_drawn(), name="place.jpg"))
    hand_in(user=user, agrees=True)


def _helper(people: dict[str, User]) -> None:
    point = PickupPoint.objects.select_related("leader").get(name="王姐水果店")
    if not PointHelper.objects.filter(point=point).exists():
        phone, name = HELPER
        row = invite_helper(point_id=point.pk, phone=phone, name=name, by=point.leader)
        accept_invitation(helper_id=row.pk, by=people[phone])
    if not point.breaks.exists():
        first = business_date() + timedelta(days=40)
        last = first + timedelta(days=4)
        add_break(point_id=point.pk, first_day=first, last_day=last, by=point.leader)


def _drawn() -> bytes:
    """Draw a yard with a shelf: the demo carries no photographs."""
    picture = Image.new("RGB", (960, 640), "#cfe3f2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 430, 960, 640), fill="#b9a58b")
    draw.rectangle((160, 170, 800, 470), fill="#f3ead8", outline="#8a6d4a", width=8)
    draw.rectangle((420, 270, 540, 470), fill="#8a6d4a")
    for row in (250, 330, 410):
        draw.rectangle((200, row, 390, row + 10), fill="#8a6d4a")
        for box in range(3):
            left = 208 + box * 62
            draw.rectangle((left, row - 46, left + 48, row), fill="#d98b3a")
    file = io.BytesIO()
    picture.save(file, format="JPEG", quality=85)
    return file.getvalue()
