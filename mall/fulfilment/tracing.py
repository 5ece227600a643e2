"""Where the goods in a bag come from, for whoever holds the bag: by the label's random code."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from mall.accounts.models import User
from mall.catalogue.batches import BatchFacts, current_batch, facts_of
from mall.catalogue.titles import title_of
from mall.fulfilment.bagging import bags_of_lines
from mall.fulfilment.models import TraceCode
from mall.fulfilment.people import may_hand_over
from mall.fulfilment.weights import line_grams
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.supply.batches import batches_of

# No letters and digits that are mistaken for each other; 31 ** 12 codes.
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedLine:
    """Goods in a bag: what, from whom, which batch; grams are None where nothing was weighed."""

    title: str
    sales_unit: str
    origin: str
    producer: str
    supplier: str
    storage: str
    pieces: int
    unit_minor: int
    estimated_grams: int | None
    grams: int | None
    batches: tuple[BatchFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A bag's goods and where it is collected; nobody's name."""

    code: str
    bag: int
    bags: int
    community: str
    district: str
    pickup_on: str
    lines: tuple[TracedLine, ...]


def codes_of(line_ids: Iterable[int]) -> dict[int, str]:
    """Return the trace code of each order line, made where there was none: three queries."""
    wanted = sorted(set(line_ids))
    known = dict(TraceCode.objects.filter(pk__in=wanted).values_list("pk", "code"))
    if missing := [pk for pk in wanted if pk not in known]:
        new = [TraceCode(line_id=pk, code=_new_code()) for pk in missing]
        # Somebody else may print the same labels at this moment: then hers is the code.
        TraceCode.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        made = TraceCode.objects.filter(pk__in=missing)
        known.update(made.values_list("pk", "code"))
    return known


def trace_url(code: str) -> str:
    """Return what a label's QR holds."""
    return f"{settings.SITE_URL}/t/{code}/"


def is_code(text: str) -> bool:
    """Tell whether a text could be a trace code at all."""
    return len(text) == CODE_LENGTH and all(letter in _ALPHABET for letter in text)


def trace_of(code: str) -> Trace | None:
    """Return what is in the bag a code was printed for; None where no bag has it."""
    found = _line_of(code)
    if found is None:
        return None
    order = found.order
    lines = list(
        order.lines.select_related("product__extra", "supplier").prefetch_related("weighings")
    )
    bags = bags_of_lines(order.order_no, lines)
    bag = next((each for each in bags if found.pk in each.line_ids), None)
    kept = {*bag.line_ids} if bag else {found.pk}
    point = order.pickup_point
    return Trace(
        code=code,
        bag=bag.n if bag else 1,
        bags=len(bags) or 1,
        community=point.community.name,
        district=point.community.district,
        pickup_on=order.group_buy.pickup_on.isoformat(),
        lines=tuple(_traced(order, line) for line in lines if line.pk in kept),
    )


def bag_of_code(code: str, *, by: User) -> str:
    """Return the number of the order a label belongs to, to those who may hand it over, or ""."""
    found = _line_of(code) if is_code(code) else None
    return found.order.order_no if found and may_hand_over(found.order, by) else ""


def _line_of(code: str) -> LineFulfilment | None:
    lines = LineFulfilment.objects.filter(trace_code__code=code)
    return lines.select_related("order__pickup_point__community", "order__group_buy").first()


def _traced(order: OrderFulfilment, line: LineFulfilment) -> TracedLine:
    extra = getattr(line.product, "extra", None)
    pieces = line.quantity - line.refunded_quantity
    estimate = line.piece_grams or (extra.net_grams if extra else None)
    weighed = sorted((w for w in line.weighings.all() if w.undone_at is None), key=lambda w: w.pk)
    return TracedLine(
        title=title_of(line.product),
        sales_unit=extra.sales_unit if extra else "",
        origin=extra.origin if extra else "",
        producer=extra.producer if extra else "",
        supplier=line.supplier.name,
        storage=str(extra.get_storage_class_display()) if extra else "",
        pieces=pieces,
        unit_minor=line.unit_minor,
        estimated_grams=estimate * pieces if estimate else None,
        grams=line_grams(((w.piece, w.grams) for w in weighed), pieces=pieces),
        batches=_batches(order, line),
    )


def _batches(order: OrderFulfilment, line: LineFulfilment) -> tuple[BatchFacts, ...]:
    """Return the batches that went out for the item, or else the product's current one."""
    out = tuple(facts_of(batch) for batch in batches_of(line.item_id, order.group_id))
    if out:
        return out
    current = current_batch(line.product_id)
    return (current,) if current else ()


def _new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
