"""What a leader types while she opens a group, kept until it is a plan the mall can judge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from groupleader.portal.reading import at_hour, day_of, fen_of, moment_of, number_of, time_of
from mall.api import OfferedShelf, OwnItem, OwnPlan
from payments.api import Money, business_date, local, now

_EVENING: Final = time(22)
_PICKUP: Final = (time(16), time(20))
# Under this name a leader's session keeps the sale she is composing.
DRAFT: Final = "new_sale"
MINIMUMS: Final = ("none", "people", "quantity", "amount")


def read_goods(answers: QueryDict, shelf: OfferedShelf) -> tuple[dict[str, Any], str]:
    """Read which goods were ticked at which price; return them and the first thing amiss."""
    chosen: dict[str, Any] = {}
    refusal = ""
    for item in shelf.items:
        key = str(item.product_id)
        if key not in answers.getlist("goods"):
            continue
        price = fen_of(answers.get(f"price-{key}"))
        quota = number_of(answers.get(f"quota-{key}"))
        chosen[key] = {"price": price or item.ceiling_minor, "quota": quota or item.most_pieces}
        if not refusal and (price is None or price < item.floor_minor):
            figures = {"title": item.title, "yuan": Money(item.floor_minor).to_major_str()}
            refusal = _("%(title)s: the lowest price is ¥%(yuan)s.") % figures
    return chosen, refusal if chosen else _("Tick at least one of the goods.")


def shelf_rows(shelf: OfferedShelf, chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Put an assortment into rows with what she has chosen so far."""
    return [
        {
            "item": item,
            "key": str(item.product_id),
            "is_chosen": str(item.product_id) in chosen,
            "price": _yuan(chosen.get(str(item.product_id), {}).get("price", item.ceiling_minor)),
            "quota": chosen.get(str(item.product_id), {}).get("quota") or item.most_pieces or "",
            "rate": f"{float(item.commission_rate) * 100:.4g}%",
        }
        for item in shelf.items
    ]


def read_times(answers: QueryDict, points: Mapping[int, str]) -> tuple[dict[str, Any], str]:
    """Read title, times, points and minimum; return them and the first thing amiss."""
    names = ("title", "text", "when", "opens", "closes", "pickup", "from", "until")
    typed: dict[str, Any] = {name: answers.get(name, "")[:2000] for name in names}
    ticked = [number_of(each) for each in answers.getlist("points")]
    typed["points"] = [each for each in ticked if each in points]
    kind = answers.get("minimum", "none")
    typed["minimum"] = kind if kind in MINIMUMS else "none"
    typed["least"] = answers.get("least", "")[:12]
    if not typed["title"].strip():
        return typed, _("Give your sale a title of up to 80 characters.")
    if not typed["points"]:
        return typed, _("Choose at least one of your own pickup points.")
    if typed["minimum"] != "none" and _least(typed) is None:
        return typed, _("A minimum needs a number above 0, and no minimum needs none.")
    if typed["when"] == "own" and _own_times(typed) is None:
        return typed, _("Please give day and time of opening, cut-off and pickup.")
    return typed, ""


def times_shown(typed: Mapping[str, Any], points: Mapping[int, str]) -> dict[str, Any]:
    """Return what the form of step two shows."""
    today = business_date()
    start = local(now()).replace(second=0, microsecond=0, tzinfo=None)
    closes, pickup = _template("tonight")
    shown = {
        "title": "",
        "text": "",
        "when": "tonight" if _tonight_is_open() else "tomorrow",
        "opens": start.isoformat(timespec="minutes"),
        "closes": local(closes).replace(tzinfo=None).isoformat(timespec="minutes"),
        "pickup": pickup.isoformat(),
        "from": f"{_PICKUP[0]:%H:%M}",
        "until": f"{_PICKUP[1]:%H:%M}",
        "points": list(points),
        "minimum": "none",
        "least": "",
    }
    return shown | dict(typed) | {"today": today.isoformat(), "has_tonight": _tonight_is_open()}


def plan_from(draft: Mapping[str, Any]) -> OwnPlan:
    """Make the plan out of both steps."""
    typed = draft["times"]
    opens_at, closes_at, pickup_on, start, end = _times(typed)
    return OwnPlan(
        assortment_id=draft["shelf"],
        title=typed["title"].strip(),
        text=typed["text"],
        opens_at=opens_at,
        closes_at=closes_at,
        pickup_on=pickup_on,
        pickup_from=start,
        pickup_until=end,
        point_ids=typed["points"],
        items=[
            OwnItem(product_id=int(key), price_minor=each["price"], quota=each["quota"])
            for key, each in draft["goods"].items()
        ],
        minimum_kind=typed["minimum"],
        minimum_value=_least(typed) or 0,
    )


def remembered(plan: OwnPlan) -> dict[str, Any]:
    """Turn a plan back into what the two forms show."""
    least = plan.minimum_value
    return {
        "shelf": plan.assortment_id,
        "goods": {
            str(item.product_id): {"price": item.price_minor, "quota": item.quota}
            for item in plan.items
        },
        "times": {
            "title": plan.title,
            "text": plan.text,
            "when": "own",
            "opens": _written(plan.opens_at),
            "closes": _written(plan.closes_at),
            "pickup": plan.pickup_on.isoformat(),
            "from": f"{plan.pickup_from:%H:%M}",
            "until": f"{plan.pickup_until:%H:%M}",
            "points": list(plan.point_ids),
            "minimum": plan.minimum_kind,
            "least": _yuan(least) if plan.minimum_kind == "amount" else str(least or ""),
        },
    }


def repeated(plan: OwnPlan) -> dict[str, Any]:
    """Turn an earlier plan into the start of a new one: everything but its days."""
    again = remembered(plan)
    days = {"when", "opens", "closes", "pickup"}
    again["times"] = {name: value for name, value in again["times"].items() if name not in days}
    return again


def _times(typed: Mapping[str, Any]) -> tuple[datetime, datetime, date, time, time]:
    own = _own_times(typed) if typed["when"] == "own" else None
    if own is not None:
        return own
    closes_at, pickup_on = _template(typed["when"])
    return now(), closes_at, pickup_on, *_PICKUP


def _template(when: str) -> tuple[datetime, date]:
    """Return cut-off and pickup day of "tonight" or "tomorrow" evening."""
    day = business_date() + timedelta(days=1 if when == "tomorrow" else 0)
    return at_hour(day, _EVENING), day + timedelta(days=1)


def _tonight_is_open() -> bool:
    return now() + timedelta(hours=1) < at_hour(business_date(), _EVENING)


def _own_times(typed: Mapping[str, Any]) -> tuple[datetime, datetime, date, time, time] | None:
    opens, closes = moment_of(typed["opens"]), moment_of(typed["closes"])
    pickup, start, end = day_of(typed["pickup"]), time_of(typed["from"]), time_of(typed["until"])
    if opens is None or closes is None or pickup is None or start is None or end is None:
        return None
    return max(opens, now()), closes, pickup, start, end


def _least(typed: Mapping[str, Any]) -> int | None:
    """Return the minimum in its own unit: people, pieces or fen."""
    if typed["minimum"] == "amount":
        return fen_of(typed["least"])
    return number_of(typed["least"]) or None


def _yuan(minor: int) -> str:
    return Money(minor).to_major_str()


def _written(at: datetime) -> str:
    return local(at).replace(tzinfo=None).isoformat(timespec="minutes")
