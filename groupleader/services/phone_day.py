"""What a telephone takes along for the day: bags with hashed codes, deliveries, until midnight.

Codes never leave the house: the telephone gets what it needs to recognise one that is typed in
(docs/offline.md says what that protects from and what not).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from groupleader.models import DeviceKey
from mall.api import DayBag, DayDelivery, bags_of_the_day, deliveries_of_the_day
from payments.api import business_date, day_bounds, now

ITERATIONS: Final = 20_000
_HASH_BYTES: Final = 16
_SALT_BYTES: Final = 16
_KEPT_SECONDS: Final = 24 * 3600


def day_for(device: DeviceKey, *, points: Mapping[int, str]) -> dict[str, Any]:
    """Return the day of a telephone's person as plain values; good until midnight in Shanghai."""
    day = business_date()
    salt = _salt(device, day.isoformat())
    people: dict[int, int] = {}
    return {
        "device": device.ref,
        "next_seq": device.last_seq + 1,
        "day": day.isoformat(),
        "at": now().isoformat(),
        "valid_until": day_bounds(day)[1].isoformat(),
        "salt": _b64(salt),
        "iterations": ITERATIONS,
        "points": {str(point): name for point, name in points.items()},
        "bags": [_bag(bag, salt, people) for bag in bags_of_the_day(device.user_id)],
        "deliveries": [_delivery(each) for each in deliveries_of_the_day(device.user_id)],
    }


def _bag(bag: DayBag, salt: bytes, people: dict[int, int]) -> dict[str, Any]:
    return {
        "order_no": bag.order_no,
        "point": bag.point_id,
        "group": bag.group_id,
        "group_title": bag.group_title,
        "day": bag.pickup_on.isoformat(),
        # Whose other bags these are can be told without saying who she is.
        "person": people.setdefault(bag.resident, len(people) + 1),
        "name": bag.masked_name,
        "shelf": bag.shelf,
        "remark": bag.remark,
        "waits": bag.waits,
        "bags": bag.bags,
        "lines": [asdict(line) for line in bag.lines],
        "code": _slow(bag.code, salt) if bag.code else "",
        "tail": _fast(bag.phone_tail, salt),
        "keys": [_fast(key, salt) for key in (bag.token, *bag.label_codes) if key],
    }


def _delivery(delivery: DayDelivery) -> dict[str, Any]:
    return {
        "group": delivery.group_id,
        "title": delivery.title,
        "point": delivery.point_id,
        "point_name": delivery.point_name,
        "day": delivery.pickup_on.isoformat(),
        "items": [
            {"id": item, "title": title, "expected": expected}
            for item, title, expected in delivery.items
        ],
    }


def _salt(device: DeviceKey, day: str) -> bytes:
    """Return the salt of a telephone for a day: another tomorrow, another on the next telephone."""
    digest = salted_hmac("groupleader.phone_day", f"{device.ref}:{day}", algorithm="sha256")
    return digest.digest()[:_SALT_BYTES]


def _slow(code: str, salt: bytes) -> str:
    """Hash six digits so that trying a million takes long; kept for the day, it is slow for us."""
    key = salted_hmac("groupleader.phone_day.kept", salt + code.encode()).hexdigest()
    kept: str | None = cache.get(key)
    if kept is None:
        raw = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, ITERATIONS, _HASH_BYTES)
        kept = _b64(raw)
        cache.set(key, kept, _KEPT_SECONDS)
    return kept


def _fast(text: str, salt: bytes) -> str:
    """Hash what is long and random, or what its leader sees anyway."""
    return _b64(hashlib.sha256(salt + text.encode()).digest()[:_HASH_BYTES])


def _b64(raw: Iterable[int]) -> str:
    return base64.b64encode(bytes(raw)).decode()
