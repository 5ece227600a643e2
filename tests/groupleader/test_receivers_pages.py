"""Where the acquirer sends shares: two people and the acquirer itself, page by page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from groupleader.models import Leader, ReceiverChange, SupplierAccount
from groupleader.payout_errors import ReceiverProposedError, ReceiverRefusedError
from groupleader.services.receivers import (
    NewReceiver,
    agree_to_receiver,
    propose_receiver,
    refuse_receiver,
)
from groupleader.services.statements import is_cooling
from payments.acquiring.registry import forget_adapters
from payments.api import IllegalTransitionError, SecondPersonError
from payments.models import AcquirerAccount, SplitReceiver
from tests.groupleader.making import make_leader, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _english(settings) -> Iterator[None]:
    """Sentences in the language they were written in."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def new(receiver: str = "RCV-WANG", **changes: str) -> NewReceiver:
    said = {"account_code": "sandbox", "name": "王秀兰", "kind": "person"}
    return NewReceiver(receiver=receiver, **(said | changes))


def staff(name: str):
    return make_user(name, is_staff=True)


def known() -> dict[str, str]:
    return dict(SplitReceiver.objects.values_list("receiver", "status"))


def test_one_writes_it_down_another_makes_it_known_and_shares_go_there(acquirer, client):
    leader, one, other = make_leader(), staff("甲"), staff("乙")
    client.force_login(one)
    form = {"leader": leader.pk, "account_code": "sandbox", "kind": "person"}
    client.post(
        reverse("admin:groupleader_receiver_propose"),
        form | {"receiver": " RCV WANGE ", "name": "王秀兰"},
    )
    change = ReceiverChange.objects.get()
    page = reverse("admin:groupleader_receiverchange_change", args=[change.pk])
    decide = reverse("admin:groupleader_receiver_decide", args=[change.pk])

    assert "Make it known" not in client.get(page).content.decode()
    client.post(decide, {"what": "agree"})
    assert known() == {}
    client.force_login(other)
    assert "Make it known" in client.get(page).content.decode()
    for _twice in range(2):
        client.post(decide, {"what": "agree"})

    leader.refresh_from_db()
    assert (leader.split_receiver, is_cooling(leader)) == ("RCVWANGE", False)
    assert known() == {"RCVWANGE": "active"}
    change.refresh_from_db()
    assert (change.status, change.asked_by, change.decided_by) == ("applied", one, other)
    listed = client.get(reverse("admin:groupleader_receiverchange_changelist"))
    assert "RCVWANGE" in listed.content.decode()


def test_one_that_replaces_another_cools_for_72_hours(acquirer):
    leader, one, other = make_leader(), staff("甲"), staff("乙")
    for receiver in ("RCV-1", "RCV-2"):
        agree_to_receiver(
            change=propose_receiver(party=leader, new=new(receiver), by=one), by=other
        )
    leader.refresh_from_db()

    assert (leader.split_receiver, is_cooling(leader)) == ("RCV-2", True)


def test_a_supplier_has_one_too_and_no_form_of_the_admin_types_it(acquirer, client):
    supplier = SupplierAccount.objects.create(supplier_ref="supplier:7", name="安溪供销社")
    leader = make_leader()
    change = propose_receiver(party=supplier, new=new(kind="merchant"), by=staff("甲"))
    agree_to_receiver(change=change, by=staff("乙"))
    client.force_login(staff("丙"))
    client.post(
        reverse("admin:groupleader_leader_change", args=[leader.pk]),
        {"name": "王姐", "tax_regime": "per_payment", "split_receiver": "R-1"},
    )

    supplier.refresh_from_db()
    leader.refresh_from_db()
    assert (supplier.split_receiver, leader.split_receiver) == ("RCV-WANG", "")


def test_what_cannot_be_right_is_refused_before_anybody_is_asked(acquirer):
    leader, one = make_leader(), staff("甲")

    for wrong in (new(""), new("王"), new(name=" "), new(account_code="none"), new(kind="x")):
        with pytest.raises(ReceiverRefusedError):
            propose_receiver(party=leader, new=wrong, by=one)
    change = propose_receiver(party=leader, new=new(), by=one)
    with pytest.raises(ReceiverProposedError):
        propose_receiver(party=leader, new=new("RCV-2"), by=one)
    for person in (one, leader.user):
        with pytest.raises(SecondPersonError):
            agree_to_receiver(change=change, by=person)
    refuse_receiver(change=change, by=one)
    with pytest.raises(IllegalTransitionError):
        agree_to_receiver(change=change, by=staff("乙"))
    assert Leader.objects.get(pk=leader.pk).split_receiver == ""
    # The control: nor does the table take one that one person put in force.
    with pytest.raises(IntegrityError), transaction.atomic():
        ReceiverChange.objects.update(status="applied", decided_by=one)


def test_where_the_acquirer_does_not_answer_nothing_changes_and_it_is_pressed_again(
    acquirer, client
):
    leader, other = make_leader(), staff("乙")
    change = propose_receiver(party=leader, new=new(), by=staff("甲"))
    account = AcquirerAccount.objects.get(code="sandbox")
    answers = account.settings
    client.force_login(other)
    page = reverse("admin:groupleader_receiverchange_change", args=[change.pk])
    decide = reverse("admin:groupleader_receiver_decide", args=[change.pk])

    _speak_to(answers | {"base_url": "http://127.0.0.1:9"})
    told = client.post(decide, {"what": "agree"}, follow=True).content.decode()
    _speak_to(answers)
    leader.refresh_from_db()
    assert "has not taken this receiver" in told
    assert "The acquirer has not taken it" in client.get(page).content.decode()
    assert leader.split_receiver == ""

    client.post(decide, {"what": "agree"})
    leader.refresh_from_db()
    assert leader.split_receiver == "RCV-WANG"


def _speak_to(settings: dict[str, str]) -> None:
    AcquirerAccount.objects.filter(code="sandbox").update(settings=settings)
    forget_adapters()
