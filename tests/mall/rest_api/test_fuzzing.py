"""Whatever its own description allows, and what it does not: never a broken answer (5xx)."""

from __future__ import annotations

import os
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
from tests.factories.groups import item_of, make_open_group, make_person
from tests.mall.ordering.shopping import fill, place
from tests.mall.rest_api.app import App

# What there is in the town: names of things in an address are taken from here.
KNOWN: dict[str, object] = {}
NUMBERS = count(1)
MOST = int(os.environ.get("LINLI_API_CASES", "2"))


@pytest.fixture
def api(db, acquirer):
    """The description of a town with a group, a basket and an order of hers in it."""
    wang = make_person("王阿姨", phone="+8613800138001")
    group = make_open_group()
    order = place(fill(group, wang, first=1), wang, payable=3000)
    fill(group, wang, first=2)
    known = {
        "share_code": group.share_code,
        "order_no": order.order_no,
        "item_id": item_of(group).pk,
        "point_id": group.pickup_point_id,
        "group_id": group.pk,
    }
    Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
    KNOWN.clear()
    KNOWN.update(known, token=App(wang).token, leaders_token=App(group.leader).token)
    # As Django's own test client does: the test's transaction stays open from call to call.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_no_address_breaks(api):
    broken = []
    for found in api.get_all_operations():
        try:
            ask_whatever(found.ok())
        except FailureGroup as failures:
            broken += [f"{found.ok().label}: {each}" for each in failures.exceptions]
    assert not broken, "\n\n".join(broken)


def ask_whatever(operation):
    """Ask one address whatever its description allows, and what it does not."""

    @settings(
        max_examples=MOST,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case):
        parts = case.path_parameters or {}
        parts.update({name: KNOWN[name] for name in parts if name in KNOWN})
        key = f"fuzz-{next(NUMBERS):06}"
        whose = "leaders_token" if "/leader/" in operation.path else "token"
        response = case.call(
            headers={"Authorization": f"Bearer {KNOWN[whose]}", "Idempotency-Key": key}
        )
        case.validate_response(
            response,
            checks=[not_a_server_error, status_code_conformance, response_schema_conformance],
        )

    ask()
