"""The contract: proof cannot be made up, and an absent ability says so."""

from __future__ import annotations

import ast
import inspect
from datetime import UTC, datetime
from pathlib import Path

import pytest

from payments.acquiring import contract
from payments.acquiring.contract import (
    Acquirer,
    AcquirerAdapter,
    HttpReply,
    NotSupportedError,
    PayRef,
    PayResult,
    Verified,
)
from payments.acquiring.errors import ConfigError
from payments.acquiring.masking import redacted
from payments.acquiring.registry import (
    ADAPTERS,
    AccountSpec,
    adapter_for,
    forget_adapters,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Bare(Acquirer):
    """An acquirer that offers nothing beyond what each must."""

    code = "bare"
    protocol_version = "0"

    def create(self, request):
        raise NotImplementedError

    def query(self, ref: PayRef) -> PayResult:
        raise NotImplementedError

    def check_notification(self, raw):
        raise NotImplementedError

    def parse_notification(self, verified):
        raise NotImplementedError

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        raise NotImplementedError


def test_nobody_makes_a_proof_by_hand():
    with pytest.raises(TypeError):
        Verified("sandbox", "EV1", "serial", b"{}", NOW, proof=object())


OPTIONAL = sorted(
    name
    for name, member in vars(Acquirer).items()
    if inspect.isfunction(member) and not name.startswith("_")
    if not getattr(member, "__isabstractmethod__", False)
    if name not in {"verify_notification", "sample_notification"}
)


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_absent_ability_says_no(name):
    method = getattr(Bare(), name)
    asked = inspect.signature(method).parameters.values()
    by_place = [None for one in asked if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    by_name = {one.name: None for one in asked if one.kind is inspect.Parameter.KEYWORD_ONLY}

    with pytest.raises(NotSupportedError, match=name):
        method(*by_place, **by_name)


def test_the_base_offers_every_method_of_the_contract():
    asked = {name for name in vars(AcquirerAdapter) if not name.startswith("_")}

    assert {name for name in asked if name not in {"code", "caps"}} <= set(dir(Acquirer))


def test_the_contract_exports_what_it_names():
    assert [name for name in contract.__all__ if not hasattr(contract, name)] == []


def test_an_account_has_one_adapter_per_version(sandbox_acquirer):
    facts = sandbox_acquirer.account()
    newer = AccountSpec(facts.code, facts.adapter, 2, facts.settings, facts.keys)
    forget_adapters()

    first = adapter_for(facts)

    assert adapter_for(facts) is first
    assert adapter_for(newer) is not first
    forget_adapters()
    assert adapter_for(facts) is not first
    forget_adapters()


def test_an_account_without_keys_or_adapter_is_a_fault_of_ours():
    forget_adapters()
    with pytest.raises(ConfigError):
        adapter_for(AccountSpec("x", "nobody"))
    with pytest.raises(ConfigError):
        adapter_for(AccountSpec("x", "sandbox"))


def test_adapters_open_no_socket():
    for path in Path("payments/adapters").rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert not names & {"requests", "urllib3", "socket", "http.client"}, path
    assert {"sandbox", "stripe"} <= set(ADAPTERS)


def test_what_is_kept_of_an_answer_hides_persons_and_secrets():
    kept = redacted(
        {
            "token": "TK123",
            "payee_name": "王小明",
            "subject": "call 13800138000 or 6221680000000017",
            "card": {"issuer_name": "中国建设银行", "last4": "0017"},
            "amount": {"minor": 19200},
            "code": "SUCCESS",
        }
    )

    assert kept == {
        "token": "***",
        "payee_name": "王***",
        "subject": "call 138****8000 or 622168******0017",
        "card": {"issuer_name": "中国建设银行", "last4": "0017"},
        "amount": {"minor": 19200},
        "code": "SUCCESS",
    }
