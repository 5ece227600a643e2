"""Orders that were collected, and complaints about them."""

from __future__ import annotations

import io
import itertools
from typing import Any

from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from mall.accounts.models import User
from mall.aftersales.asking import Complaint, open_case
from mall.aftersales.models import AfterSalesCase, CaseReason
from mall.aftersales.worth import Claimed
from mall.fulfilment.collecting import collect_order
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.ordering.status import move
from tests.factories.groups import make_person
from tests.mall.ordering.discounted import fresh, paid, place_with_everything, sent
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place

_keys = itertools.count(1)


def arrived_order(*, everything: bool = False, resident: User | None = None) -> OrderFulfilment:
    """Goods for 208.00 at the point: paid plainly, or less voucher, points and offer: 157.00."""
    resident = resident or make_person("王阿姨")
    if everything:
        order = sent(place_with_everything(resident=resident))
    else:
        order = sent(place(fill_worked(make_worked_group(), resident), resident))
    move(order, Status.ARRIVED)
    return fresh(order)


def collected_order(**how: Any) -> OrderFulfilment:
    """The same, taken home."""
    order = arrived_order(**how)
    collect_order(order_no=order.order_no, by=order.leader)
    return fresh(order)


def lines_of(order: OrderFulfilment) -> list[LineFulfilment]:
    """Maize 1 × 30.00, eggs 2 × 49.00, salmon 1 × 80.00."""
    return list(LineFulfilment.objects.filter(order=order).order_by("pk"))


def photo(colour: str = "red", **exif: Any) -> SimpleUploadedFile:
    """A small picture as a telephone sends it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, format="JPEG", **exif)
    return SimpleUploadedFile("IMG_1.jpg", out.getvalue(), content_type="image/jpeg")


def reason(code: str = "rotten") -> CaseReason:
    return CaseReason.objects.get(code=code)


def complain(
    order: OrderFulfilment,
    *,
    line: int = 1,
    quantity: int = 0,
    minor: int = 0,
    why: str = "rotten",
    **how: Any,
) -> AfterSalesCase:
    """The resident says that something is wrong with a line (0 maize, 1 eggs, 2 salmon)."""
    complaint = Complaint(
        line_id=lines_of(order)[line].pk,
        reason_id=reason(why).pk,
        claimed=Claimed(quantity=quantity or (0 if minor else 1), payer_minor=minor),
        text=how.pop("text", "有一半坏了"),
        photos=how.pop("photos", [photo()]),
    )
    return open_case(
        order_no=order.order_no,
        resident_id=order.resident_id,
        complaint=complaint,
        by=how.pop("by", order.resident),
        idem_key=how.pop("key", f"key-{next(_keys)}"),
    )


def make_staff(name: str, *permissions: str) -> User:
    """Somebody of the mall who may decide, confirm, or what is named."""
    person = make_person(name, is_staff=True)
    names = permissions or ("decide_aftersalescase", "confirm_aftersalescase")
    codes = [*names, "view_aftersalescase", "view_recall", "view_batch"]
    person.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return User.objects.get(pk=person.pk)


def again(case: AfterSalesCase) -> AfterSalesCase:
    return AfterSalesCase.objects.get(pk=case.pk)


__all__ = [
    "again",
    "arrived_order",
    "collected_order",
    "complain",
    "fresh",
    "lines_of",
    "make_staff",
    "paid",
    "photo",
    "reason",
]
