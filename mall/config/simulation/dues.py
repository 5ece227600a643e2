"""When something is due next, anywhere: in our rows, at the bank, on the line."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.apps import apps
from django.db.models import Min, Model
from django.db.models.functions import Coalesce, Greatest

from mall.config.simulation.bank import PlayedBank
from mall.config.simulation.clock import VirtualClock
from mall.config.simulation.network import Network
from mall.groupbuy.models import GroupBuy, State
from mall.ordering.models import OrderFulfilment, Status
from payments.models import OutboxDelivery, Payment
from payments.reconciliation.models import Bill

_GRACE = timedelta(seconds=61)


def next_due(bank: PlayedBank, network: Network, clock: VirtualClock) -> datetime | None:
    """Return the earliest instant at which anything has to be done; None when all rests."""
    found = [network.next_arrival(), _at_the_bank(bank, clock), *_in_our_rows()]
    return min((at for at in found if at is not None), default=None)


def _at_the_bank(bank: PlayedBank, clock: VirtualClock) -> datetime | None:
    seconds = bank.next_due(clock)
    return None if seconds is None else clock.now() + timedelta(seconds=seconds)


def _in_our_rows() -> list[datetime | None]:
    waiting = OutboxDelivery.objects.filter(status=OutboxDelivery.Status.PENDING)
    unpaid = OrderFulfilment.objects.filter(
        status=Status.PENDING_PAYMENT, cancel_requested_at__isnull=True
    )
    open_ones = Payment.objects.filter(status__in=["created", "sent", "pending", "unknown"])
    undecided = GroupBuy.objects.filter(state__in=[State.OPEN, State.CLOSED])
    return [
        *(_earliest(model) for model in models_with_plans()),
        waiting.aggregate(at=Min("available_at"))["at"],
        _later(unpaid.aggregate(at=Min("expires_at"))["at"]),
        _later(open_ones.aggregate(at=Min("expires_at"))["at"]),
        _later(undecided.aggregate(at=Min("closes_at"))["at"]),
    ]


def next_bill(last_day: date) -> datetime | None:
    """Return when a bill of a day up to `last_day` is looked for next; None when all are there.

    Nobody looks while the lease of a process that died over a bill still runs.
    """
    waited_for = Bill.objects.filter(day__lte=last_day).exclude(state=Bill.State.CLOSED)
    free_at = Greatest("next_try_at", Coalesce("lease_until", "next_try_at"))
    return waited_for.aggregate(at=Min(free_at))["at"]


def models_with_plans() -> list[type[Model]]:
    """Return every model whose rows plan their next step themselves."""
    return [
        model
        for model in apps.get_app_config("payments").get_models()
        if any(column.name == "next_action_at" for column in model._meta.concrete_fields)  # noqa: SLF001
    ]


def _earliest(model: type[Model]) -> datetime | None:
    return model._default_manager.aggregate(at=Min("next_action_at"))["at"]  # noqa: SLF001


def _later(at: datetime | None) -> datetime | None:
    return None if at is None else at + _GRACE
