"""Whatever its own description allows, and what it does not: never a broken answer (5xx)."""

from __future__ import annotations

import os
from collections import Counter
from itertools import count

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from groupleader.models import Leader
from mall.aftersales.models import CaseReason
from mall.fulfilment.models import OverdueBag
from mall.fulfilment.overdue_jobs import tend_due
from tests.factories.groups import item_of, make_open_group, make_person
from tests.groupleader.making import make_statement
from tests.mall.aftersales.complaining import complain
from tests.mall.fulfilment.counter import all_arrived, by_weight, keep
from tests.mall.ordering.discounted import fresh, paid
from tests.mall.ordering.shopping import fill, fill_worked, give_card, make_worked_group, place
from tests.mall.rest_api.app import App

# What there is in the town: names of things in an address are taken from here in turn.
OF_RESIDENT: dict[str, list[object]] = {}
OF_LEADER: dict[str, list[object]] = {}
TOKENS: dict[str, str] = {}
NUMBERS = count(1)
# What the addresses answered: a run in which nobody was let in, or nothing was there, is no proof.
ANSWERS: dict[str, Counter[int]] = {}
MOST = int(os.environ.get("LINLI_API_CASES", "60"))


@pytest.fixture
def api(db, acquirer):
    """The description of a town: a group that sells, one whose bags wait, and two complaints."""
    arrived = make_worked_group()
    group = make_open_group(point=arrived.pickup_point)
    leader = Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
    wang = make_person("王阿姨", phone="+8613800138001")
    waiting, ours = (paid(place(fill_worked(arrived, who), who)) for who in (make_person(), wang))
    keep(arrived, storage="chilled")
    by_weight(arrived, position=3)
    all_arrived(arrived)
    tend_due(50)
    cases = [complain(fresh(order)) for order in (waiting, ours)]
    order = place(fill(group, wang, first=1), wang, payable=3000)
    fill(group, wang, first=2)
    OF_RESIDENT.update(
        share_code=[group.share_code, arrived.share_code],
        order_no=[order.order_no, ours.order_no],
        case_no=[cases[1].case_no],
        item_id=[item_of(group).pk],
        line_id=list(ours.lines.values_list("pk", flat=True)),
        reason_id=list(CaseReason.objects.values_list("pk", flat=True)),
        product_id=[item_of(group).product_id],
        point_id=[group.pickup_point_id],
        agreement_no=[give_card(wang).agreement_no],
    )
    OF_LEADER.update(
        group_id=[group.pk, arrived.pk],
        order_no=[waiting.order_no, ours.order_no],
        case_no=[cases[0].case_no, cases[1].case_no],
        bag_id=list(OverdueBag.objects.values_list("pk", flat=True)),
        resident_id=[waiting.resident_id, wang.pk],
        item_id=[item_of(arrived).pk, item_of(group).pk],
        line_id=list(ours.lines.values_list("pk", flat=True)),
        point_id=[group.pickup_point_id],
        statement_no=[make_statement(leader).statement_no],
    )
    TOKENS.update(resident=App(wang).token, leader=App(group.leader).token, leaving=App(wang).token)
    # As Django's own test client does: the test's transaction stays open from call to call.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(
    "cases", [2, pytest.param(MOST, marks=[pytest.mark.nightly, pytest.mark.timeout(7200)])]
)
def test_no_address_breaks(api, cases, record_property):
    broken = []
    for found in api.get_all_operations():
        try:
            ask_whatever(found.ok(), cases=cases)
        except FailureGroup as failures:
            broken += [f"{found.ok().label}: {each}" for each in failures.exceptions]
    told = sum(ANSWERS.values(), Counter())
    record_property("told", ", ".join(f"{status}: {n}" for status, n in sorted(told.items())))
    assert not broken, "\n\n".join(broken)
    # The tokens held to the end, and something was there to be broken.
    assert told[401] < told.total() / 10, ANSWERS
    assert told[200] + told[201] + told[204] > told.total() / 10, ANSWERS


def whose(operation):
    """Return whose token an address is asked with; signing out ends one of its own."""
    if operation.path.endswith("/sign-out/"):
        return "leaving"
    return "leader" if "/leader/" in operation.path else "resident"


# Whose keys are numbers of items or lines.
COUNTED = {"counts": "item_id", "damaged": "item_id", "items": "item_id"}
COUNTED |= {"pieces": "line_id", "quantities": "line_id"}


def with_what_is_there(body, there):
    """Return what is sent with the names in it being those of something there."""
    if not isinstance(body, dict):
        return body
    known = {name: there.get(name, value) for name, value in body.items()}
    for name, one in COUNTED.items():
        if isinstance(body.get(name), dict) and body[name]:
            known[name] = {str(there[one]): next(iter(body[name].values()))}
    return known


def ask_whatever(operation, *, cases):
    """Ask one address whatever its description allows, and what it does not."""

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case):
        number, who = next(NUMBERS), whose(operation)
        known = OF_LEADER if who == "leader" else OF_RESIDENT
        if number % 5:  # else what the description allows, which is mostly not there
            there = {name: some[number % len(some)] for name, some in known.items()}
            parts = case.path_parameters or {}
            parts.update({name: there[name] for name in parts if name in there})
            case.body = with_what_is_there(case.body, there)
        response = case.call(
            headers={
                "Authorization": f"Bearer {TOKENS[who]}",
                "Idempotency-Key": f"fuzz-{number:06}",
            }
        )
        ANSWERS.setdefault(operation.label, Counter())[response.status_code] += 1
        case.validate_response(
            response,
            checks=[not_a_server_error, status_code_conformance, response_schema_conformance],
        )

    ask()
