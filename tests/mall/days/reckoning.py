"""The town's own reckoning, from what its bank and its vans did, beside what our books say."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.module_loading import import_string

from mall.fulfilment.models import CollectionLine
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment
from payments.models import Payment
from tests.mall.days.town import CASE, CORN, LEAST, PRICES, Town
from tests.mall.fulfilment.counter import PIECE_GRAMS

# What one step of a day may touch; the books and all other rooms are looked at as well, seldomer.
DAILY = ("groupbuy", "ordering", "fulfilment", "supply", "aftersales")


def broken(rules: Sequence[str] = settings.LINLI_INVARIANTS) -> list[object]:
    """Return every violation of these rules, of all the house's unless said otherwise."""
    checks = [import_string(path) for path in rules]
    return [wrong for check in checks for result in check() for wrong in result.violations]


def of_the_day() -> list[str]:
    """Return the rules of stock, orders, deliveries, purchases and cases."""
    return [path for path in settings.LINLI_INVARIANTS if path.split(".")[1] in DAILY]


def nobody_lost_a_fen(town: Town) -> None:
    """Every order cost what is kept of it, the bank's part left out; what never was, nothing."""
    for order in OrderFulfilment.objects.prefetch_related("lines"):
        numbers = Payment.objects.filter(reference=order.order_no).values_list("payment_no")
        spent = sum(town.taken[number] - town.given[number] for (number,) in numbers)
        lines = list(order.lines.all())
        if order.paid_at is None:
            assert spent == 0, order.order_no
            continue
        whole = sum(line.value_minor for line in lines)
        kept = whole - sum(line.refunded_minor for line in lines)
        off = whole - order.payable_minor
        banks = kept - spent
        rounds = len(lines) + LineBack.objects.filter(line__order=order).count()
        assert abs(banks - Fraction(off * kept, whole)) <= rounds, order.order_no
        assert (kept, banks) != (0, 0) or spent == 0
        if kept in {0, whole}:
            assert banks == off * kept // whole, order.order_no


def lines_tell_the_same() -> None:
    """What a line says went back is what its own rows say, and no price was invented."""
    backs = LineBack.objects.order_by().values("line").annotate(minor=Sum("value_minor"))
    told = {row["line"]: row["minor"] for row in backs}
    for line in LineFulfilment.objects.select_related("order"):
        if line.order.paid_at is not None:
            assert told.get(line.pk, 0) == line.refunded_minor, line.order.order_no
        if line.quantity == line.refunded_quantity:
            assert line.refunded_minor == line.value_minor
        assert line.unit_minor in PRICES.values()


def no_weighing_paid_twice() -> None:
    """For what is lighter at most the lightest weighing of all, and of each bag, went back."""
    paid = LineBack.objects.filter(why=LineBack.Why.WEIGHT).order_by()
    for row in paid.values("line").annotate(minor=Sum("value_minor"), times=Count("pk")):
        line = LineFulfilment.objects.get(pk=row["line"])
        light: dict[int, Fraction] = {}
        for weighing in line.weighings.all():
            pieces = 1 if weighing.piece else weighing.pieces
            off = pieces - Fraction(weighing.grams, PIECE_GRAMS)
            light[weighing.piece] = max(light.get(weighing.piece, Fraction(0)), off)
        most = line.unit_minor * sum(light.values())
        assert row["minor"] <= most + row["times"], line.order.order_no


def no_more_was_handed_out_than_came(town: Town) -> None:
    """Of every item of every group at most as many pieces were taken home as the van brought."""
    taken = CollectionLine.objects.filter(collection__undone_at=None).order_by()
    sums = taken.values("line__order__group", "line__item").annotate(pieces=Sum("quantity"))
    for row in sums:
        place = (row["line__order__group"], row["line__item"])
        assert row["pieces"] <= town.came[place], place


def prices_are_the_lowest_reached(town: Town) -> None:
    """After the cut-off: only full cases of eggs, and corn at the price its pieces reach."""
    town.sales[0].refresh_from_db()
    if town.sales[0].cut_at is None:
        return
    corn, eggs, _fish = town.sales[0].items.order_by("position")
    assert eggs.final_quantity % CASE == 0
    assert corn.final_price_minor == (LEAST if corn.final_quantity >= 10 else PRICES[CORN])


def reckon(town: Town) -> None:
    """Let the bank give everything back it owes, then look at everything."""
    town.do(town.give_back_money)
    assert broken() == []
    nobody_lost_a_fen(town)
    lines_tell_the_same()
    no_weighing_paid_twice()
    no_more_was_handed_out_than_came(town)
    prices_are_the_lowest_reached(town)
