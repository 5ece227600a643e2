"""What an account at market pay is told, and where at the bank each of it is found."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.setup import KeySpec, SettingSpec, Setup

SETUP: Final = Setup(
    name=_("CCB market pay (惠市宝)"),
    settings=(
        SettingSpec(
            name="base_url",
            label=_("address"),
            help=_("The platform's host: https://marketpay.ccb.com"),
            required=True,
        ),
        SettingSpec(
            name="merchant_id",
            label=_("market number"),
            help=_("Mkt_Id, fourteen digits, given by the bank when the market is opened."),
            required=True,
        ),
        SettingSpec(
            name="seller_id",
            label=_("our own seller number"),
            help=_("Mkt_Mrch_Id of the seller our sub-orders belong to, twenty digits."),
            required=True,
        ),
        SettingSpec(name="sub_appid", label=_("app id of the mini program")),
        SettingSpec(name="fee_rate", label=_("contract rate")),
        SettingSpec(name="is_test", label=_("test account"), is_flag=True),
    ),
    keys=(
        KeySpec(name="private_key", label=_("our private key")),
        KeySpec(name="platform_public_key", label=_("the platform's public key")),
    ),
    guide="docs/adapters/ccb_hsb.md",
)
