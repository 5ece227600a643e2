"""An account at Alipay: what its settings, keys and hosts may be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import AccountSpec, make_adapter
from payments.acquiring.transport import Limits
from payments.adapters.alipay.line import Line
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.wire import Keys


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://dwbillcenter.alipay.com.evil.example/x",
        "file:///etc/passwd",
        "https://dwbillcenter.alipay.com@evil.example/x",
        "http://openapi.alipay.com:8080/x",
        "",
    ],
)
def test_statements_are_fetched_from_alipays_hosts_only(url):
    line = Line(keys=Keys(None, {}), profile=Profile("2021", "2088"), limits=Limits())

    with pytest.raises(ConfigError):
        line.statement_host(url)
    good, path = line.statement_host("http://dwbillcenter.alipay.com/downloadBillFile.resource?a=1")
    assert (good._base_url, path) == (
        "https://dwbillcenter.alipay.com",
        "/downloadBillFile.resource?a=1",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"app_id": ""},
        {"merchant_id": "1900000109"},
        {"page": "desktop"},
        {"split_max_percent": "101"},
        {"notice_fresh_seconds": "-1"},
        {"is_test": False},
    ],
)
def test_settings_that_cannot_be_alipays_are_refused(bank, changed):
    with pytest.raises(ConfigError):
        make_adapter(bank.dialect("alipay", **changed))


def test_keys_that_are_none_are_refused(bank, tmp_path):
    account = bank.dialect("alipay")
    bad = tmp_path / "bad.crt"
    bad.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")

    for changed in (
        {"app_cert": str(bad)},
        {"alipay_root_cert": str(bad)},
        {"alipay_cert": account.keys["app_private_key"]},
        {"app_private_key": str(bad)},
    ):
        with pytest.raises(ConfigError):
            make_adapter(replace(account, keys={**account.keys, **changed}))
    with pytest.raises(ConfigError):
        make_adapter(AccountSpec("alipay", "alipay", settings=account.settings))
