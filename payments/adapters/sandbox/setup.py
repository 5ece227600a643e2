"""What an account at the sandbox acquirer is told: all of it lies in the keys folder it writes."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.setup import KeySpec, SettingSpec, Setup

_WRITTEN: Final = _("Written by the sandbox into merchant.json of its keys folder.")

SETUP: Final = Setup(
    name=_("sandbox acquirer"),
    settings=(
        SettingSpec(name="base_url", label=_("address"), required=True),
        SettingSpec(name="merchant_id", label=_("merchant number"), help=_WRITTEN, required=True),
        SettingSpec(
            name="merchant_serial",
            label=_("serial number of our key"),
            help=_WRITTEN,
            required=True,
        ),
        SettingSpec(
            name="sandbox_serial",
            label=_("serial number of the acquirer's key"),
            help=_WRITTEN,
            required=True,
        ),
        SettingSpec(
            name="split_max_percent",
            label=_("most that may be shared out (percent)"),
            help=_("As the contract says; empty: 30."),
        ),
        SettingSpec(name="fee_rate", label=_("contract rate"), help=_WRITTEN),
    ),
    keys=(
        KeySpec(name="merchant_private_key", label=_("our private key")),
        KeySpec(name="sandbox_public_key", label=_("the acquirer's public key")),
        KeySpec(name="aead_key", label=_("key of sealed messages")),
    ),
    guide="docs/protocols/sandbox.md",
)
