"""The small bank in the admin: read by staff, written by nobody, in few and constant queries."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mall.accounts.models import User
from payments.acquiring.contract import Outcome
from payments.admin.csv_export import safe_cell
from payments.admin.paper import PaperAdmin
from payments.admin.showing import mask_name, yuan
from payments.api import (
    Funder,
    Money,
    RefundStage,
    TenderPart,
    business_date,
    issuers,
    propose_own_funds,
    request_refund,
)
from payments.ledger import recipes
from payments.models import (
    AcquirerHealth,
    CardAgreement,
    ChannelFact,
    ConsentText,
    Decision,
    FirstTie,
    Incident,
    JournalEntry,
    JournalTransaction,
    KnownCard,
    LedgerSeal,
    Notification,
    OwnFunds,
    Payment,
    Refund,
    SigningStreak,
    Split,
    SplitReceiver,
    SplitReturn,
    SplitShare,
    Transfer,
    TyingAllowance,
)
from payments.services.decisions import propose
from payments.services.facts import apply_channel_fact
from tests.payments.desk import ORDER, hear, payment_in, refunded, success

pytestmark = pytest.mark.django_db

OURS = list(apps.get_app_config("payments").get_models())
SHOWN = [model for model in OURS if admin.site.is_registered(model)]
# Routing rules are what staff write themselves (test_accounts.py), own funds too (test_money.py),
# and versions of the consent text (test_card_pages.py).
READ_ONLY = [
    model
    for model in SHOWN
    if isinstance(admin.site.get_model_admin(model), PaperAdmin)
    and model not in {OwnFunds, ConsentText}
]


@pytest.fixture
def staff(client):
    person = User.objects.create_superuser(username="finance", password="x" * 12)
    client.force_login(person)
    issuers()  # the banks' names are read once per process
    return client


def sell(reference, account):
    """A payment with everything beside it: evidence, refund, journals, an incident."""
    payment = payment_in("created", reference=reference)
    notice = Notification.objects.create(
        account_code="sandbox",
        digest=reference,
        method="POST",
        path="/payments/notify/sandbox/",
        event_id=f"EV-{reference}",
        body=b"\x00\xff not text",
        received_at=timezone.now(),
        last_received_at=timezone.now(),
        status="applied",
    )
    hear(payment, "query", success(payment))
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=f"line:{reference}",
            tenders=[
                TenderPart(funder=Funder.PAYER, amount=Money(2769)),
                TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(231)),
            ],
            reason="shortage",
            reference=reference,
            stage=RefundStage.BEFORE_PICKUP,
        )
    says = refunded(view.refund_no, 2769, Outcome.SUCCEEDED)
    apply_channel_fact(source="query", account=account, result=says)
    ChannelFact.objects.filter(payment=payment).update(notification=notice)
    Incident.objects.create(
        kind="late_payment",
        key=f"late:{reference}",
        subject_no=payment.payment_no,
        created_at=timezone.now(),
    )
    AcquirerHealth.objects.create(account_code=f"bank-{reference}", since=timezone.now())
    card = CardAgreement.objects.create(
        agreement_no=f"A{reference}",
        owner_ref=reference,
        account=account,
        status="active",
        token=f"secret-token-{reference}",
        fingerprint=f"begins: secret-print-{reference}",
        last4="6688",
        issuer_name="建设银行",
        bind_date="2026-11-22",
        bind_slot=1,
        created_at=timezone.now(),
    )
    _remember(card)
    _share_out(payment, reference)
    propose_release_of(payment)
    Transfer.objects.create(
        transfer_no=f"T{reference}",
        transfer_key=f"T{reference}",
        account=account,
        merchant="sandbox:M001",
        reference=f"S{reference}",
        payee_name="王小明",
        payee_account="6217000010009999",
        amount_minor=893400,
        purpose="commission",
        created_at=timezone.now(),
    )
    return payment


def _remember(card):
    """What is written down beside a tied card."""
    at = timezone.now()
    KnownCard.objects.create(
        fingerprint=card.fingerprint,
        first_owner_ref=card.owner_ref,
        agreement=card,
        first_tied_at=at,
    )
    FirstTie.objects.create(owner_ref=card.owner_ref, issuer_code="CCB", agreement=card, tied_at=at)
    SigningStreak.objects.create(owner_ref=card.owner_ref, failures=2, last_failed_at=at)
    TyingAllowance.objects.create(
        subject_kind="device",
        subject=card.owner_ref,
        window_seconds=3600,
        started_at=at,
        taken=1,
        most=6,
    )


def _share_out(payment, reference):
    """A split of the payment, one share of which comes back."""
    common = {"merchant": payment.merchant, "created_at": timezone.now(), "amount_minor": 100}
    split = Split.objects.create(
        split_no=f"S{reference}",
        split_key=reference,
        payment=payment,
        reference=reference,
        **common,
    )
    share = SplitShare.objects.create(
        share_no=f"H{reference}",
        share_key="1",
        split=split,
        receiver="ACC-1",
        ledger={"account": "2201", "party": "SUP-1"},
        amount_minor=100,
        back_committed_minor=100,
    )
    SplitReturn.objects.create(
        return_no=f"B{reference}", return_key=reference, share=share, status="waiting", **common
    )
    SplitReceiver.objects.create(
        account_code="sandbox", receiver=f"R{reference}", name="合作社", created_at=timezone.now()
    )


def propose_release_of(payment):
    """A proposal that waits for a second person."""
    with transaction.atomic():
        propose(
            Decision.Kind.HELD_RELEASE,
            subject_no=payment.payment_no,
            amount=Money(0),
            reason="nothing came",
            by="cashier",
        )


@pytest.fixture
def sold(account):
    propose_own_funds(key="opening", amount=Money(100), reason="deposit", by="cashier")
    LedgerSeal.objects.create(
        day=business_date() - timedelta(days=1),
        previous_hash="0" * 64,
        hash="1" * 64,
        journals=0,
        entries=0,
        sealed_at=timezone.now(),
    )
    return sell(ORDER, account)


def page(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def questions(client, url):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = client.get(url)
    assert response.status_code == 200, url
    return len(asked)


def test_every_model_has_a_page_but_the_parts_shown_on_others():
    assert {model.__name__ for model in OURS} - {model.__name__ for model in SHOWN} == {
        "Tender",
        "RefundTender",
        "PaymentTransition",
        "ErrandStep",
        "SplitShare",
        # what a giver has paid for is read on the claims of the floor above
        "SettledSubsidy",
        "UnpaidSubsidy",
    }


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_list_asks_as_much_for_many_rows_as_for_few(staff, sold, account, model):
    few = questions(staff, page(model, "changelist"))
    for number in range(12):
        sell(f"M{number:02d}", account)

    assert questions(staff, page(model, "changelist")) == few
    assert few <= 20


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_a_row_is_read_and_never_written(staff, sold, model):
    row = model.objects.order_by("pk").first()
    before = model.objects.filter(pk=row.pk).values().get()
    shown = staff.get(page(model, "change", row.pk))

    assert shown.status_code == 200
    assert 'name="_save"' not in shown.content.decode()
    assert staff.post(page(model, "change", row.pk), {"status": "failed"}).status_code == 403
    assert staff.get(page(model, "add")).status_code == 403
    assert staff.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).values().get() == before


def test_a_payment_page_tells_the_whole_story_in_a_constant_number_of_questions(
    staff, sold, account
):
    url = page(Payment, "change", sold.pk)
    text = staff.get(url).content.decode()
    few = questions(staff, url)

    refund = Refund.objects.get()
    for number in ("#1", "#8", "#20"):
        assert number in text
    for shown in ("¥192.00", "¥16.00", "¥27.69", refund.refund_no, "CCB:minus16", "1101"):
        assert shown in text
    journal = JournalTransaction.objects.get(ref=f"capture:{sold.payment_no}")
    for link in (
        page(Refund, "change", refund.pk),
        page(ChannelFact, "change", sold.facts.order_by("pk").first().pk),
        page(Notification, "change", Notification.objects.get().pk),
        page(JournalTransaction, "change", journal.pk),
        page(Incident, "change", Incident.objects.get().pk),
    ):
        assert link in text

    for step in range(5):
        with transaction.atomic():
            request_refund(
                payment_no=sold.payment_no,
                refund_key=f"more:{step}",
                tenders=[TenderPart(funder=Funder.PAYER, amount=Money(100))],
                reason="shortage",
                reference=ORDER,
                stage=RefundStage.BEFORE_PICKUP,
            )
    assert questions(staff, url) == few
    assert few <= 25


@pytest.mark.parametrize(
    ("model", "terms"),
    [
        (Payment, ["payment_no", "reference", "acquirer_no"]),
        (Refund, ["refund_no", "reference"]),
        (Notification, ["event_id"]),
        (JournalTransaction, ["ref"]),
    ],
)
def test_a_row_is_found_by_its_numbers(staff, sold, account, model, terms):
    sell("M-OTHER", account)
    row = model.objects.order_by("pk").first()

    for term in terms:
        found = staff.get(page(model, "changelist"), {"q": getattr(row, term)})
        rows = [str(found_row) for found_row in found.context["cl"].result_list]
        assert str(row) in rows
        assert len(rows) < model.objects.count()


def test_what_is_secret_is_not_shown(staff, sold):
    card, transfer = CardAgreement.objects.get(), Transfer.objects.get()
    shown = "".join(
        staff.get(url).content.decode()
        for url in (
            page(CardAgreement, "changelist"),
            page(CardAgreement, "change", card.pk),
            page(Transfer, "changelist"),
            page(Transfer, "change", transfer.pk),
        )
    )

    assert "secret-token" not in shown
    assert "secret-print" not in shown
    assert transfer.payee_account not in shown
    assert transfer.payee_name not in shown
    assert "****9999" in shown
    assert "王**" in shown
    assert "6688" in shown


def exported(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_a_list_goes_into_a_spreadsheet_without_computing_there(staff, sold):
    Payment.objects.filter(pk=sold.pk).update(reference='=HYPERLINK("http://evil.example")')
    response = staff.post(
        page(Payment, "changelist"), {"action": "export_csv", "_selected_action": [sold.pk]}
    )

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="payment-' in response["Content-Disposition"]
    headers, row = exported(response)
    assert len(headers) == len(row)
    assert row[0] == sold.payment_no
    assert row[1] == '\'=HYPERLINK("http://evil.example")'
    assert "192.00" in row
    assert "27.69" in row


def test_every_list_can_be_exported_and_masks_there_too(staff, sold):
    for model in READ_ONLY:
        pks = list(model.objects.values_list("pk", flat=True))
        url = page(model, "changelist")
        response = staff.post(url, {"action": "export_csv", "_selected_action": pks})
        rows = exported(response)
        assert len(rows) == len(pks) + 1, model
        text = str(rows)
        assert "6217000010009999" not in text
        assert "secret-" not in text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+8613800000000", "'+8613800000000"),
        ("-1", "-1"),
        ("-1+cmd", "'-1+cmd"),
        ("@x", "'@x"),
        ("−¥1,234.50", "-1234.50"),
        ("¥0.01", "0.01"),
        ("<b>x</b>", "x"),
        (None, ""),
        (7, "7"),
    ],
)
def test_a_cell_shows_itself(value, cell):
    assert safe_cell(value) == cell


def test_amounts_and_names_as_staff_read_them():
    assert yuan(19200) == "¥192.00"
    assert yuan(123456789) == "¥1,234,567.89"
    assert yuan(-1600) == "−¥16.00"
    assert yuan(5, "JPY") == "JPY 5"
    assert yuan(None) == "–"
    assert mask_name("王小明") == "王**"
    assert mask_name("欧阳修远") == "欧**"
    assert mask_name("王") == "王"
    assert mask_name("") == "–"


def test_the_trial_balance_adds_up(staff, sold, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        shown = staff.get(reverse("admin:payments_trial_balance"))

    rows = shown.context["papers"][0].rows
    total = rows[-1]
    assert total[2] == total[3]
    assert total[4] == total[5] == "¥178.00"
    nothing_yet = staff.get(reverse("admin:payments_trial_balance"), {"until": "2020-01-01"})
    assert len(nothing_yet.context["papers"][0].rows) == 1
    assert staff.get(reverse("admin:payments_trial_balance"), {"until": "x"}).status_code == 200
    assert (
        staff.get(reverse("admin:payments_trial_balance"), {"until": "2026-13-99"}).status_code
        == 200
    )


def test_an_accounts_statement_runs_and_turns_pages(staff, sold, django_assert_max_num_queries):
    for number in range(120):
        recipes.payment_surplus(payment_no=f"S{number}", account_code="sandbox", amount=Money(100))
    url = reverse("admin:payments_account_statement", args=["1101"])

    with django_assert_max_num_queries(9):
        first = staff.get(url, {"party": "sandbox"})
    last = staff.get(url, {"page": 2})

    assert first.context["papers"][0].rows[0][-1] == "¥192.00"
    assert len(first.context["papers"][0].rows) == 100
    assert last.context["papers"][0].rows[-1][-1] == yuan(19200 - 2769 + 12000)
    assert staff.get(reverse("admin:payments_account_statement", args=["9999"])).status_code == 404


def test_the_books_are_not_shown_to_staff_without_the_right(client, sold):
    clerk = User.objects.create_user(username="clerk", password="x" * 12, is_staff=True)
    client.force_login(clerk)
    assert client.get(page(Payment, "changelist")).status_code == 403
    assert client.get(reverse("admin:payments_trial_balance")).status_code == 404
    assert client.get(reverse("admin:payments_account_statement", args=["1101"])).status_code == 404
    assert client.get(f"/admin/payments/payment/{sold.pk}/ask-acquirer/").status_code == 403

    clerk.user_permissions.add(Permission.objects.get(codename="view_payment"))
    assert client.get(page(Payment, "changelist")).status_code == 200
    assert client.get(page(JournalEntry, "changelist")).status_code == 403
    assert page(JournalEntry, "changelist") not in client.get("/admin/").content.decode()


def test_an_incident_is_settled_once_and_by_somebody(staff, sold):
    incident = Incident.objects.get()
    wish = {"action": "settle", "_selected_action": [incident.pk]}
    staff.post(page(Incident, "changelist"), wish)
    staff.post(page(Incident, "changelist"), wish)

    incident.refresh_from_db()
    assert incident.resolved_by == "finance"
    assert incident.resolved_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_acquirer_is_asked_from_the_page(client, acquirer):
    """Given a payment the sandbox acquirer knows nothing of, asking changes nothing and says so."""
    staff = User.objects.create_superuser(username="finance", password="x" * 12)
    client.force_login(staff)
    payment = payment_in("pending")

    answer = client.get(f"/admin/payments/payment/{payment.pk}/ask-acquirer/", follow=True)

    assert answer.status_code == 200
    assert payment.payment_no in str([str(m) for m in answer.context["messages"]])
    payment.refresh_from_db()
    assert payment.queried_at is not None
