"""Rains in the admin: drafted, announced by two, watched, stopped; the seed secret till then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from mall.accounts.models import User
from mall.promotions.approvals import approve
from mall.promotions.models import Proposal
from mall.redpackets.errors import RainRuleError
from mall.redpackets.models import RainSession
from mall.redpackets.sessions import announce
from mall.vouchers.models import VoucherBatch
from payments.api import local, now
from tests.factories.groups import make_person
from tests.mall.banks.making import make_bank, make_clerk
from tests.mall.redpackets.rains import SEED, make_draft, make_rain, one_draw
from tests.mall.vouchers.batches import make_batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    person = User.objects.create_superuser("ada", password="x")
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


def page(name, *args):
    return reverse(f"admin:redpackets_rainsession_{name}", args=args)


def draft_form(batch):
    starts = local(now() + timedelta(hours=3))
    prizes = {"prizes-TOTAL_FORMS": 2, "prizes-INITIAL_FORMS": 0}
    for place, (amount, chances) in enumerate((("0.88", 3000), ("18.88", 100))):
        prizes |= {
            f"prizes-{place}-position": place + 1,
            f"prizes-{place}-amount_minor": amount,
            f"prizes-{place}-chances": chances,
        }
    return {
        "title": "周三红包雨",
        "code": "wednesday",
        "terms": "",
        "starts_at_0": f"{starts:%Y-%m-%d}",
        "starts_at_1": f"{starts:%H:%M:%S}",
        "seconds": 600,
        "draws_each": 3,
        "batch_code": batch.code,
        "budget_minor": "1000.00",
        **prizes,
    }


def test_a_rain_is_drafted_in_yuan_proposed_and_announced_by_another(client, staff):
    batch = make_batch(
        kind="red_packet", threshold_minor=0, discount_minor=20_000, total_stock=100_000
    )
    answer = client.post(page("add"), draft_form(batch))
    session = RainSession.objects.get()
    assert (answer.status_code, session.budget_minor) == (302, 100_000)
    assert [prize.amount_minor for prize in session.prizes.all()] == [88, 1888]

    client.post(
        page("changelist"), {"action": "propose_to_announce", "_selected_action": session.pk}
    )
    approve(Proposal.objects.get(), by="bo")

    session.refresh_from_db()
    assert session.state == "planned"
    client.post(page("change", session.pk), {**draft_form(batch), "budget_minor": "9"})
    session.refresh_from_db()
    assert session.budget_minor == 100_000


def test_no_page_of_the_admin_shows_the_seed_before_the_end(client, staff):
    session = make_rain(seed=SEED)
    one_draw(session, make_person())
    pages = [page("change", session.pk), page("live", session.pk), page("changelist")]
    pages += [page("now", session.pk), page("history", session.pk)]
    for url in pages:
        assert SEED not in client.get(url).text, url
    client.post(page("stop", session.pk))
    assert SEED in client.get(page("change", session.pk)).text


def test_staff_watch_and_stop(client, staff):
    session = make_rain(prizes=((500, 10_000),), budget_minor=500)
    for _ in range(2):
        one_draw(session, make_person())

    text = client.get(page("live", session.pk)).text
    assert "Stop this rain" in text
    assert "¥5" in text
    assert client.get(page("stop", session.pk)).status_code == 405
    client.post(page("stop", session.pk))

    session.refresh_from_db()
    assert session.state == "stopped"
    after = client.get(page("live", session.pk)).text
    assert "all as seed, odds, turns and budget say" in after
    assert "Stop this rain" not in after


def test_auditors_get_every_draw(client, staff):
    session = make_rain(prizes=((500, 10_000),))
    drawn = one_draw(session, make_person())
    answer = client.get(reverse("admin:redpackets_rainsession_download_draws", args=[session.pk]))
    assert drawn.draw_no in answer.text
    assert drawn.voucher_no in answer.text


def test_a_banks_person_works_on_her_banks_rains_with_her_banks_money(client):
    bank = make_bank()
    own = make_batch(
        kind="red_packet", threshold_minor=0, discount_minor=20_000, total_stock=99_999, owner=bank
    )
    hers, malls = make_draft(owner=bank, batch_code=own.code), make_draft()
    clerk = make_clerk(bank, "editor")
    rights = Permission.objects.filter(content_type__app_label="redpackets")
    clerk.user_permissions.set(rights)
    client.force_login(clerk)

    assert client.get(page("live", hers.pk)).status_code == 200
    assert client.get(page("live", malls.pk)).status_code == 404
    assert client.post(page("stop", malls.pk)).status_code == 404
    form = draft_form(VoucherBatch.objects.get(code=malls.batch_code))
    answer = client.post(page("add"), form)
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {"owner", "batch_code"}
    client.post(page("add"), {**draft_form(own), "owner": bank.pk})
    assert RainSession.objects.get(code="wednesday").owner == bank


def test_a_banks_rain_does_not_spend_the_malls_money():
    with pytest.raises(RainRuleError):
        announce(make_draft(owner=make_bank()))


def test_somebody_without_rights_sees_nothing(client):
    rain = make_rain()
    client.force_login(make_person(is_staff=True))
    assert client.get(page("changelist")).status_code == 403
    for url in (page("live", rain.pk), page("stop", rain.pk)):
        assert client.post(url).status_code in {403, 404}
