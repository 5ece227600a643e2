"""Fill an empty mall with a county town's people, places, goods, sales and offers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mall.accounts.models import User
from mall.config.demo_data.banks import load_banks, propose_an_offer
from mall.config.demo_data.cases import load_cases
from mall.config.demo_data.claims import load_claims, load_exposures
from mall.config.demo_data.funds import put_in_own_funds
from mall.config.demo_data.goods import load_goods
from mall.config.demo_data.history import play_history, play_today
from mall.config.demo_data.loyalty import (
    load_corrections,
    load_first_points,
    load_programme,
    load_rains,
)
from mall.config.demo_data.neighbours import load_neighbours
from mall.config.demo_data.newcomers import load_newcomers
from mall.config.demo_data.offers import load_offers
from mall.config.demo_data.people import load_leaders, load_people
from mall.config.demo_data.places import load_places
from mall.config.demo_data.purchases import load_proposals, load_suppliers
from mall.config.demo_data.reconciled import reconcile_past
from mall.config.demo_data.reviews import load_favourites, load_reviews
from mall.config.demo_data.rounds import load_routes
from mall.config.demo_data.sales import load_sales
from mall.config.demo_data.shelves import load_shelf
from mall.config.demo_data.vouchers import load_vouchers
from mall.config.demo_data.welcome import write_welcome
from payments.api import ensure_sandbox_account


class Command(BaseCommand):
    """Safe to run again: what is there stays; a group buy that is over is opened anew."""

    help = "Load the demo's data. Only where LINLI_DEMO is on; needs the sandbox acquirer running."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in the order it depends on each other."""
        del args, options
        if not settings.LINLI_DEMO:
            raise CommandError("LINLI_DEMO is off: demo data has no place in a real mall.")
        ensure_sandbox_account()
        people = load_people()
        load_leaders(people)
        put_in_own_funds()
        points = load_places(people)
        load_routes(points)
        stock = load_goods()
        load_suppliers()
        units = load_banks()
        load_offers(units)
        propose_an_offer(units)
        load_programme()
        load_first_points(people)
        history = play_history(people, stock, points)
        sales = load_sales(stock, points)
        load_shelf(stock)
        play_today(people, sales, points)
        load_neighbours(people)
        load_newcomers(people, units)
        _what_residents_have(people)
        reconcile_past()
        load_exposures(people)
        load_claims()
        load_proposals()
        write_welcome(sales)
        self.stdout.write(
            f"{len(people)} people, {len(points)} points, {len(stock)} products, "
            f"{len(sales)} open group buys, {history} orders of the past weeks"
        )


def _what_residents_have(people: dict[str, User]) -> None:
    load_reviews(people)
    load_favourites(people)
    load_cases()
    load_vouchers(people)
    load_corrections(people)
    load_rains(people)
