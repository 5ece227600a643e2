"""A supplier's link goes to its telephone, and what was sent opens its statement."""

from __future__ import annotations

import pytest
from django.urls import reverse
from oscar.apps.partner.models import Partner

from groupleader.models import SettlementStatement, SupplierAccount
from mall.catalogue.models import SupplierProfile
from mall.messaging.models import Message
from mall.supply.errors import NoPhoneError, TooOftenError
from mall.supply.link_sending import send_link
from mall.supply.models import SupplierLink
from payments.api import business_date, deliver_pending, now
from tests.groupleader.making import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier() -> Partner:
    partner = Partner.objects.create(name="鲜果供应链")
    fields = {"phone": "+8613812345678"}
    SupplierProfile.objects.update_or_create(partner=partner, defaults=fields)
    return partner


def test_a_clerk_sends_a_statement_and_the_message_opens_it(supplier, client):
    account = SupplierAccount.objects.create(
        supplier_ref=f"supplier:{supplier.pk}", name=supplier.name
    )
    statement = SettlementStatement.objects.create(
        statement_no="S1", supplier=account, period="2026-11", until=now(), status="disputed",
        gross_minor=100, tax_minor=0, deductions_minor=0, net_minor=100, issued_at=now(),
        tax_date=business_date(), asked_at=now(), dispute="x", created_at=now(),
    )  # fmt: skip
    client.force_login(make_user("财务", is_staff=True))
    desk = reverse("admin:groupleader_settlementstatement_desk", args=[statement.pk])

    client.post(desk, {"what": "send-link"})
    deliver_pending()

    message = Message.objects.get(kind="supplier.statement")
    assert message.phone == "+8613812345678"
    path = "/" + message.values["url"].split("/", 3)[-1]
    client.logout()
    assert "S1" in client.get(path).content.decode()
    event = statement.events.get(what="link_sent")
    assert (event.note, event.by.display_name) == ("····5678", "财务")
    assert SupplierLink.objects.get().token_sha256 not in path


def test_without_a_number_and_too_often_it_is_refused(supplier):
    for _nth in range(6):
        assert send_link(supplier_id=supplier.pk, by="店长") == "5678"
    with pytest.raises(TooOftenError):
        send_link(supplier_id=supplier.pk, by="店长")
    assert SupplierLink.objects.count() == 6
    SupplierProfile.objects.update(phone="")
    with pytest.raises(NoPhoneError):
        send_link(supplier_id=supplier.pk, by="店长")
