"""Who shops in the drill: residents with tied cards, one group, plenty of goods, one bank offer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from django.conf import settings

from mall.config import processes
from mall.ordering.payer import payer_ref
from payments.api import (
    Consented,
    consent_text,
    ensure_sandbox_account,
    finish_binding,
    start_binding,
)
from tests.acquirer import SandboxAcquirer, start_sandbox
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)
from tests.funds import put_in_own_funds
from tests.kills.shoppers import Shopper
from tests.mall.promotions.offers import make_offer


@dataclass(frozen=True)
class ShoppingTown:
    """The residents, and the file of the acquirer's own books."""

    shoppers: list[Shopper]
    acquirers_books: Path


@contextmanager
def open_town(residents: int, *, seed: int) -> Iterator[ShoppingTown]:
    """Open an acquirer and a group, and give every resident a card of her own."""

    folder = settings.DATA_DIR / "sandbox"
    admin_port = str(urlsplit(settings.LINLI_SANDBOX_ADMIN_URL).port)
    options = ["--keys", settings.LINLI_SANDBOX_KEYS, "--admin-port", admin_port]
    process = start_sandbox(folder, urlsplit(settings.LINLI_SANDBOX_URL).port, *options)
    try:
        acquirer = SandboxAcquirer(
            settings.LINLI_SANDBOX_URL,
            settings.LINLI_SANDBOX_KEYS,
            folder / "sandbox.log",
            settings.LINLI_SANDBOX_ADMIN_URL,
        )
        ensure_sandbox_account()
        put_in_own_funds()
        group = make_open_group(
            items=[make_item_plan(make_product("荔枝", stock=100_000), price_minor=20_800)]
        )
        make_offer(budget_minor=None)
        item = item_of(group)
        shoppers = []
        for number in range(residents):
            person = make_person(f"居民{number}")
            shoppers.append(
                Shopper(
                    site=settings.SITE_URL,
                    group=group,
                    item_id=item.pk,
                    resident=person,
                    card=_tie(acquirer, person.pk, serial=number + 1),
                    acquirer=acquirer,
                    dice=Random(f"{seed}:{number}"),
                )
            )
        yield ShoppingTown(shoppers, folder / "sandbox.sqlite3")
    finally:
        processes.stop(process)


def _tie(acquirer: SandboxAcquirer, resident: int, *, serial: int) -> str:
    step = start_binding(
        owner_ref=payer_ref(resident),
        holder_phone="+8613800138000",
        return_url="http://127.0.0.1/cards/",
        consent=Consented(text_sha256=consent_text().sha256, ip="127.0.0.1"),
    )
    card = {"bin": "622168", "serial": serial, "name": "李小娟", "phone": "13800138000"}
    acquirer.told(f"/_sim/sign/{step.agreement_no}", card)
    return finish_binding(step.agreement_no).agreement_no
