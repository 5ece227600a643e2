"""The admin plane: on a port of its own, for this machine's programs, and nowhere else."""

from __future__ import annotations

import pytest
import requests

from tests.payments.sandbox.merchant import number


@pytest.mark.parametrize("path", ["/_sim/pay/P0000001", "/_sim/hush", "/_faults", "/_clock"])
def test_the_merchants_port_knows_nothing_of_it(sandbox_acquirer, path):
    for method in ("GET", "POST", "DELETE"):
        answer = requests.request(method, f"{sandbox_acquirer.base_url}{path}", timeout=5)

        assert answer.status_code == 404


def test_no_page_can_send_commands_through_its_readers_browser(sandbox_acquirer):
    url = f"{sandbox_acquirer.admin_url}/_faults"

    from_a_page = requests.post(url, headers={"Origin": "http://evil.example"}, timeout=5)
    by_another_name = requests.get(url, headers={"Host": "evil.example"}, timeout=5)

    assert (from_a_page.status_code, by_another_name.status_code) == (403, 403)


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "no_such_fault"},
        {"fault": "delay", "rout": "POST /v1/orders"},
        {"fault": "delay", "count": -1},
        {"fault": "delay", "count": True},
        {"fault": "delay", "probability": 1.5},
        {"fault": "delay", "probability": "often"},
        {"fault": "delay", "number": 7},
        {"fault": "delay", "args": []},
        {},
    ],
)
def test_a_rule_nobody_could_follow_is_refused(sandbox_acquirer, rule):
    answer = sandbox_acquirer.admin("/_faults", rule)

    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


def test_rules_are_listed_and_deleted(sandbox_acquirer):
    url = f"{sandbox_acquirer.admin_url}/_faults"

    with sandbox_acquirer.fault("delay", number=number(), count=2, args={"seconds": 1}) as rule:
        listed = {r["id"]: r for r in requests.get(url, timeout=5).json()["rules"]}
    after = [r["id"] for r in requests.get(url, timeout=5).json()["rules"]]

    assert (listed[rule]["count"], listed[rule]["struck"]) == (2, 0)
    assert rule not in after
    assert requests.delete(f"{url}/{rule}", timeout=5).status_code == 404


def test_the_payers_card_can_be_chosen(merchant, sandbox_acquirer):
    no = number()
    merchant.order(no)

    paid = sandbox_acquirer.sim_pay(no, card={"bin": "622600", "serial": 7})

    assert paid["payer_card"]["issuer_code"] == "CMBC"
    refused = sandbox_acquirer.admin(f"/_sim/pay/{no}", {"card": {"bin": "999999"}})
    assert refused.json()["code"] == "PARAM_ERROR"
