"""A process full of buyers who press the button at the same moment.

Started by tests.races.crowd: reads its orders as JSON from the first line of its input, says
"ready", waits for "go", places them all in threads of their own, and writes what became of each.
With a guard named by --without it does what a careless shop does: look, then write.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.db.models import F  # noqa: E402
from django.db.models.functions import Coalesce  # noqa: E402
from oscar.apps.partner.models import StockRecord  # noqa: E402

from mall.accounts.models import User  # noqa: E402
from mall.groupbuy.models import GroupBasket, GroupBuyItem  # noqa: E402
from mall.ordering import placing, stock, ways  # noqa: E402
from mall.ordering.pricing import Wish  # noqa: E402
from mall.ordering.rows import Receiver  # noqa: E402
from mall.promotions.models import BankOffer  # noqa: E402
from payments.api import LinliError, Money, now  # noqa: E402

RECEIVER = Receiver(name="李小娟", phone="+8613800138000")


def place(task: dict[str, Any], everyone: Barrier) -> dict[str, Any]:
    """Press the button together with all the others; say what became of it."""
    try:
        resident = User.objects.get(pk=task["resident"])
        basket = GroupBasket.objects.get(pk=task["basket"])
        everyone.wait(timeout=60)
        order = placing.place_order(
            resident=resident,
            group_basket=basket,
            receiver=RECEIVER,
            wish=Wish(**task["wish"]),
            expected_payable=Money(task["payable"]),
            idem_key=task["key"],
        )
    except LinliError as refusal:
        return {"refused": refusal.code}
    except Exception as error:  # noqa: BLE001 - the test must see everything that went wrong
        return {"broken": f"{type(error).__name__}: {error}"}
    else:
        return {"order_no": order.order_no, "discount": order.discount_minor}
    finally:
        connection.close()


def without_stock_guard() -> None:
    """Write without a condition, as Oscar's allocate() does."""

    def hold(wanted: list[stock.Wanted]) -> None:
        for each in wanted:
            GroupBuyItem.objects.filter(pk=each.item_id).update(held=F("held") + each.quantity)
            StockRecord.objects.filter(pk=each.stockrecord_id).update(
                num_allocated=Coalesce(F("num_allocated"), 0) + each.quantity
            )

    stock.hold = hold


def without_budget_guard() -> None:
    """Look at the budget when the page is quoted, and never again."""

    def take_budget(use: Any, rule: Any) -> None:
        BankOffer.objects.filter(pk=use.offer_id).update(
            reserved_count=F("reserved_count") + 1,
            reserved_minor=F("reserved_minor") + use.discount_minor,
        )

    ways.take_budget = take_budget
    _forget_uses()


def without_basket_guard() -> None:
    """Believe that a basket is ordered once because the button was disabled."""
    placing.submit_basket = lambda group_basket: None


def without_voucher_guard() -> None:
    """Believe the page: what was in the wallet then is written on the order, whatever it is now."""
    from mall.vouchers.models import Voucher, VoucherUse  # noqa: PLC0415

    def lock(*, voucher_no: str, order_no: str, discount_minor: int, **_: Any) -> None:
        VoucherUse.objects.create(
            voucher=Voucher.objects.get(voucher_no=voucher_no),
            order_no=order_no,
            discount_minor=discount_minor,
            locked_at=now(),
        )

    ways.vouchers.lock = lock


def without_points_guard() -> None:
    """Write points on the order without taking them from anywhere."""
    from mall.loyalty.models import PointsAccount, PointsEntry, PointsUse  # noqa: PLC0415

    def hold(*, resident_id: int, order_no: str, points: int, discount_minor: int) -> None:
        rows = PointsAccount.objects.filter(resident_id=resident_id)
        rows.update(moves=F("moves") + 1)
        account = rows.get()
        entry = PointsEntry.objects.create(
            account=account,
            number=account.moves,
            kind="spend",
            points=-points,
            after=account.balance,
            key=f"careless:{order_no}",
            order_no=order_no,
            at=now(),
        )
        PointsUse.objects.create(
            account=account,
            order_no=order_no,
            points=points,
            minor=discount_minor,
            entry=entry,
            held_at=now(),
        )

    ways.points.hold = hold


def _forget_uses() -> None:
    from mall.promotions import quoting  # noqa: PLC0415 - only careless shops need it
    from mall.promotions.rules import Usage  # noqa: PLC0415

    quoting.usage_of = lambda **_: Usage()


GUARDS: dict[str, Callable[[], None]] = {
    "stock": without_stock_guard,
    "budget": without_budget_guard,
    "basket": without_basket_guard,
    "voucher": without_voucher_guard,
    "points": without_points_guard,
}


def main() -> None:
    """Do what the module says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--without", choices=sorted(GUARDS))
    without = parser.parse_args().without
    tasks = json.loads(sys.stdin.readline())
    if without:
        GUARDS[without]()
    print("ready", flush=True)
    sys.stdin.readline()
    everyone = Barrier(len(tasks))
    with ThreadPoolExecutor(len(tasks)) as threads:
        outcomes = list(threads.map(lambda task: place(task, everyone), tasks))
    print(json.dumps(outcomes), flush=True)


if __name__ == "__main__":
    main()
