"""What an account at China Construction Bank is told, and where at the bank each of it is found."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.setup import KeySpec, SettingSpec, Setup

_PORTAL: Final = _("Shown by the bank's merchant portal (商户服务平台) beside the counter.")
_CLIENT: Final = _("Only where the bank's outreach client (外联平台) runs beside us.")

SETUP: Final = Setup(
    name=_("China Construction Bank"),
    settings=(
        SettingSpec(
            name="base_url",
            label=_("address"),
            help=_("The gateway's host: https://ibsbjstar.ccb.com.cn"),
            required=True,
        ),
        SettingSpec(name="merchant_id", label=_("merchant number"), help=_PORTAL, required=True),
        SettingSpec(name="pos_id", label=_("counter number"), help=_PORTAL, required=True),
        SettingSpec(name="branch_id", label=_("branch number"), help=_PORTAL, required=True),
        SettingSpec(
            name="sidecar_url",
            label=_("address of the outreach client"),
            help=_("Without it this account gives no refunds and fetches no statements."),
        ),
        SettingSpec(
            name="files_url",
            label=_("address of the outreach client's files"),
            help=_("Where the files it fetched are read; usually its address and /files."),
        ),
        SettingSpec(name="customer_id", label=_("customer number"), help=_CLIENT),
        SettingSpec(name="user_id", label=_("operator"), help=_CLIENT),
        SettingSpec(
            name="query_form",
            label=_("form of questions"),
            choices=(("orderid", _("by order number")), ("range", _("by range of numbers"))),
        ),
        SettingSpec(
            name="bill_form",
            label=_("form of statements"),
            choices=(("settled", _("settled (new)")), ("unsettled", _("unsettled (old)"))),
        ),
        SettingSpec(
            name="no_record_codes",
            label=_("codes that mean: no such record"),
            help=_("Separated by commas. Find them out before going live, see the guide."),
        ),
        SettingSpec(
            name="h5",
            label=_("the bank's page for phones"),
            help=_("Only where the bank has opened it for the counter."),
            is_flag=True,
        ),
        SettingSpec(name="sub_appid", label=_("app id of the mini program")),
        SettingSpec(name="refund_window_days", label=_("days a payment can be refunded")),
        SettingSpec(name="fee_rate", label=_("contract rate")),
        SettingSpec(name="is_test", label=_("test account"), is_flag=True),
    ),
    keys=(
        KeySpec(
            name="public_key",
            label=_("the counter's public key"),
            help=_("A text of hex digits, downloaded from the merchant portal; or PEM."),
        ),
        KeySpec(
            name="query_password",
            label=_("password of questions"),
            help=_("The password the portal was given for questions (QUPWD)."),
        ),
        KeySpec(
            name="operator_password",
            label=_("operator's password"),
            help=_CLIENT,
            required=False,
        ),
    ),
    guide="docs/adapters/ccb.md",
)
