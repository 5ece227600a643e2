"""A group with its goods, its chain, and a neighbour who has something in her basket."""

from __future__ import annotations

import json
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command

from mall.accounts.models import User
from mall.groupbuy.models import Entry, LeaderGroup
from payments.api import now
from tests.factories.groups import make_item_plan, make_open_group, make_person, make_product
from tests.mall.ordering.shopping import fill
from tests.mall.promotions.offers import make_offer


def main(goods: str, entries: str) -> None:
    """Print, as JSON, where the group is and the neighbour's session."""
    call_command("migrate", verbosity=0)
    make_offer()
    products = [make_product(f"糯玉米 {n}") for n in range(int(goods))]
    plans = [make_item_plan(product, price_minor=3000) for product in products]
    group = make_open_group(items=plans)
    person = make_person("李小娟")
    Entry.objects.bulk_create(
        Entry(
            group=group,
            number=n,
            order_no=f"E{n}",
            resident=person,
            masked_name="李*娟",
            summary="糯玉米 ×2",
            quantity=2,
            amount_minor=6000,
            at=now(),
        )
        for n in range(1, int(entries) + 1)
    )
    counts = dict.fromkeys(("joined_count", "order_count", "last_number"), int(entries))
    LeaderGroup.objects.filter(pk=group.pk).update(**counts, quantity=2 * int(entries))
    fill(group, person, first=2, second=1)
    print(json.dumps({"share_code": group.share_code, "session": signed_in(person)}))


def signed_in(person: User) -> str:
    """Return the session of somebody who is signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return session.session_key
