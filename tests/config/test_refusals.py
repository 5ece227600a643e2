"""A refusal that no view caught is still a sentence and not a broken page."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from mall.config.refusals import RefusalMiddleware
from mall.ordering.errors import NotPayableError
from tests.factories.groups import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_a_resident(client):
    client.force_login(make_person())
    request = RequestFactory().get("/orders/")
    request.user = make_person()
    request.session = client.session
    return request


def test_a_refusal_is_shown_with_its_status(request_of_a_resident):
    answer = RefusalMiddleware(None).process_exception(request_of_a_resident, NotPayableError())

    assert answer.status_code == 409
    assert str(NotPayableError.message) in answer.content.decode()


def test_a_database_that_asks_for_patience_is_no_broken_page(request_of_a_resident):
    error = OperationalError("database is locked")

    answer = RefusalMiddleware(None).process_exception(request_of_a_resident, error)

    assert answer.status_code == 503


def test_other_errors_stay_errors(request_of_a_resident):
    answer = RefusalMiddleware(None).process_exception(request_of_a_resident, ValueError("x"))

    assert answer is None


@pytest.mark.parametrize("path", ["/points/?q=%00", "/p/%00/", "/leader/orders/?q=a%00b"])
def test_what_postgresql_cannot_store_is_no_address(client, path):
    assert client.get(path).status_code == 400


def test_nor_is_it_what_somebody_typed(client):
    answer = client.post("/sign-in/", {"phone": "139\0", "consent": "on"})

    assert answer.status_code == 400


def test_a_refused_part_reloads_its_page(client, request_of_a_resident):
    request_of_a_resident.META["HTTP_HX_REQUEST"] = "true"
    request_of_a_resident._messages = _Said()

    answer = RefusalMiddleware(None).process_exception(request_of_a_resident, NotPayableError())

    assert answer.headers["HX-Refresh"] == "true"
    assert request_of_a_resident._messages.said == [str(NotPayableError.message)]


class _Said:
    """Somewhere messages go."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def add(self, _level: int, text: str, _extra: str) -> None:
        self.said.append(text)
