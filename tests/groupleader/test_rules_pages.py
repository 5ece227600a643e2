"""Rules, keepers and own orders in the admin: typed in by names, tried, agreed to, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from groupleader.models import CommissionRule, CommissionTerms, KeeperShare, RulePreview
from payments.api import local, now
from tests.groupleader.making import line, make_leader, make_user, settled_order

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "admin:groupleader_commissionrule_add"


@pytest.fixture
def clerk(client, settings):
    """A superuser at the admin, in English."""
    settings.LANGUAGE_CODE = "en"
    user = make_user("财务", is_staff=True)
    client.force_login(user)
    return user


def form(**fields) -> dict:
    """A rule as it is typed in: 12 % for a leader, in ten minutes."""
    begins = local(now() + timedelta(minutes=10))
    return {
        "scope": "default",
        "percent": "12",
        "valid_from": f"{begins:%Y-%m-%dT%H:%M}",
    } | fields


def test_a_rule_is_written_and_waits_for_a_second_person(client, clerk):
    answer = client.post(reverse(ADD), form(save="1"))

    rule = CommissionRule.objects.get()
    assert (rule.status, rule.proposed_by, str(rule.rate)) == ("waiting", clerk, "0.1200")
    assert answer["Location"].endswith(f"/{rule.pk}/change/")
    page = client.get(answer["Location"]).content.decode()
    assert "Take it back" in page
    assert "Agree: let it count" not in page

    act = reverse("admin:groupleader_rule_act", args=[rule.pk, "agree"])
    assert client.post(act).status_code == 403
    client.force_login(make_user("主管", is_staff=True))
    client.post(act)
    rule.refresh_from_db()
    assert rule.status == "agreed"
    assert "End it now" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": "", "yuan": ""},
        {"percent": "1", "yuan": "1"},
        {"percent": "101"},
        {"percent": "9" * 500},
        {"scope": "leader", "target": "0"},
        {"scope": "leader", "target": "9" * 300},
        {"scope": "item", "target": "x"},
        {"scope": "tier", "target": "nobody's"},
        {"scope": "nonsense"},
        {"valid_from": "yesterday"},
        {"valid_from": "2020-01-01T00:00"},
        {"valid_until": "2020-01-01T00:00"},
    ],
)
def test_what_makes_no_sense_is_said_and_not_written(client, clerk, wrong):
    answer = client.post(reverse(ADD), form(save="1", **wrong))

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not CommissionRule.objects.exists()


def test_a_rule_is_tried_first_and_its_figures_are_typed_in_again(client, clerk):
    leader = make_leader("王姐", tier="gold")
    settled_order(leader, [line("A", 10_000)])
    CommissionTerms.objects.update(placed_at=now().replace(day=1) - timedelta(days=3))

    answer = client.post(
        reverse(ADD), form(scope="tier", target="gold", percent="15.5", preview="1")
    )
    page = client.get(answer["Location"])

    shown = page.content.decode()
    assert "+¥5.50" in shown
    assert "王姐" in shown
    assert 'value="15.5"' in shown
    assert not CommissionRule.objects.exists()
    for kind in ("csv", "xlsx"):
        assert client.get(f"{answer['Location']}&export={kind}").status_code == 200
    waiting = RulePreview.objects.get()
    RulePreview.objects.filter(pk=waiting.pk).update(state="waiting")
    part = client.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in part
    assert "<html" not in part


def test_overlaps_are_told_before_it_is_written(client, clerk):
    CommissionRule.objects.create(scope="default", rate="0.1", valid_from=now())

    page = client.post(reverse(ADD), form(check="1")).content.decode()

    assert "speak about the same at the same time" in page
    assert "needs a second person" in page
    assert CommissionRule.objects.count() == 1


def test_targets_are_found_by_a_word_of_their_name(client, clerk):
    leader = make_leader("王秀兰", tier="gold")
    url = reverse("admin:groupleader_rule_targets")

    def found(scope: str, term: str = "") -> list[dict]:
        return client.get(url, {"app_label": scope, "term": term}).json()["results"]

    assert found("leader", "秀") == [{"id": str(leader.pk), "text": "王秀兰 · gold"}]
    assert found("tier", "GO") == [{"id": "gold", "text": "gold"}]
    for scope in ("item", "category", "point", "default", "nonsense", ""):
        assert found(scope, "%_") == []


def test_the_tester_names_the_rule_that_decided_and_the_one_of_today(client, clerk):
    rule = CommissionRule.objects.create(scope="item", target="7", rate="0.2", valid_from=now())
    order = settled_order(make_leader(), [line("A", 10_000)])
    CommissionRule.objects.filter(pk=rule.pk).update(valid_until=now())
    url = reverse("admin:groupleader_rule_tester")

    page = client.get(url, {"order": order.order_no}).content.decode()

    assert "20%" in page
    assert "decided" in page
    assert "as the shop" in page
    assert "No commission is known" in client.get(url, {"order": "M0"}).content.decode()


@pytest.mark.parametrize("name", ["rule_targets", "rule_tester", "dashboard", "calendar"])
def test_whoever_may_not_see_leaders_money_sees_none_of_it(client, name):
    user = make_user("采购", is_staff=True)
    type(user).objects.filter(pk=user.pk).update(is_superuser=False)
    client.force_login(type(user).objects.get(pk=user.pk))

    assert client.get(reverse(f"admin:groupleader_{name}")).status_code == 403
    assert client.get(reverse(ADD)).status_code == 403


def test_a_viewer_may_look_and_not_act(client):
    user = make_user("审计", is_staff=True)
    type(user).objects.filter(pk=user.pk).update(is_superuser=False)
    user = type(user).objects.get(pk=user.pk)
    user.user_permissions.add(Permission.objects.get(codename="view_commissionrule"))
    rule = CommissionRule.objects.create(scope="item", target="7", rate="0.2", valid_from=now())
    client.force_login(user)

    assert (
        client.get(reverse("admin:groupleader_commissionrule_change", args=[rule.pk])).status_code
        == 200
    )
    for what in ("end", "agree", "refuse", "nonsense"):
        url = reverse("admin:groupleader_rule_act", args=[rule.pk, what])
        assert client.post(url).status_code == 403
    rule.refresh_from_db()
    assert rule.valid_until is None


def test_own_orders_are_listed_with_their_signs_and_shares(client, clerk):
    leader = make_leader("王姐")
    settled_order(leader, [line("A", 1_000)], resident_id=leader.user_id)
    settled_order(leader, [line("B", 3_000)])
    CommissionTerms.objects.filter(line_id="A").update(own_signs="self,card")
    url = reverse("admin:groupleader_ownorder_changelist")

    page = client.get(url).content.decode()

    assert "her own account, a card she has tied too" in page
    assert "25.0 %" in page
    assert "B" not in [row.line_id for row in client.get(url).context["cl"].result_list]
    assert client.get(url, {"sign": "card"}).context["cl"].result_count == 1
    assert client.get(url, {"sign": "phone"}).context["cl"].result_count == 0


def test_an_agreement_with_a_keeper_is_ended_and_never_changed(client, clerk):
    keeper = make_leader("老周")
    agreed = KeeperShare.objects.create(
        point_ref="12", point_name="南门", keeper=keeper, share="0.1", since=now()
    )
    url = reverse("admin:groupleader_keepershare_changelist")
    end = {"action": "end", "_selected_action": [agreed.pk]}

    assert client.get(reverse("admin:groupleader_keepershare_add")).status_code == 200
    client.post(url, end)
    client.post(url, end)

    agreed.refresh_from_db()
    assert agreed.until is not None
    change = reverse("admin:groupleader_keepershare_change", args=[agreed.pk])
    assert client.post(change, {"share": "0.9"}).status_code == 403
    unknown = {"point_ref": "9999", "keeper": keeper.pk, "percent": "10", "note": ""}
    answer = client.post(reverse("admin:groupleader_keepershare_add"), unknown)
    assert "choose which one" in answer.content.decode()
