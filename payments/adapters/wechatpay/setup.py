"""What an account at WeChat Pay is told, and where on its merchant platform each of it is found."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.setup import KeySpec, SettingSpec, Setup

_OPENED: Final = _("Only where WeChat Pay has opened this product for the merchant number.")
_ONE_OF_TWO: Final = _(
    "This or the other kind; both while WeChat Pay changes from one to the other."
)

SETUP: Final = Setup(
    name=_("WeChat Pay"),
    settings=(
        SettingSpec(
            name="merchant_id",
            label=_("merchant number"),
            help=_("On pay.weixin.qq.com under 账户中心, 商户信息."),
            required=True,
        ),
        SettingSpec(
            name="appid",
            label=_("application number"),
            help=_(
                "The official account, mini program or app that is bound to the merchant number."
            ),
            required=True,
        ),
        SettingSpec(
            name="merchant_serial",
            label=_("serial number of our certificate"),
            help=_("Under 账户中心, API安全, 商户API证书."),
            required=True,
        ),
        SettingSpec(
            name="public_key_id",
            label=_("id of WeChat Pay's public key"),
            help=_("Begins with PUB_KEY_ID_; under 账户中心, API安全, 微信支付公钥."),
        ),
        SettingSpec(
            name="base_url",
            label=_("address"),
            help=_("Empty for WeChat Pay's own: https://api.mch.weixin.qq.com"),
        ),
        SettingSpec(
            name="backup_url",
            label=_("second address"),
            help=_("Asked where the first is out of reach: https://api2.mch.weixin.qq.com"),
        ),
        SettingSpec(name="h5", label=_("payment on phones (H5)"), help=_OPENED, is_flag=True),
        SettingSpec(name="jsapi", label=_("payment inside WeChat"), help=_OPENED, is_flag=True),
        SettingSpec(name="app", label=_("payment in an app"), help=_OPENED, is_flag=True),
        SettingSpec(
            name="payer_client_ip",
            label=_("address named for payers on phones"),
            help=_("Where the payer's own network address is not known."),
        ),
        SettingSpec(
            name="profit_sharing",
            label=_("profit sharing (分账)"),
            help=_("Money of every payment then waits until it is shared out or released."),
            is_flag=True,
        ),
        SettingSpec(
            name="split_max_percent",
            label=_("most that may be shared out (percent)"),
            help=_("What WeChat Pay has granted; 30 where nothing is said."),
        ),
        SettingSpec(
            name="relation_type",
            label=_("how receivers are introduced"),
            choices=(
                ("SUPPLIER", _("supplier")),
                ("PARTNER", _("partner")),
                ("DISTRIBUTOR", _("distributor")),
                ("STORE", _("shop")),
            ),
        ),
        SettingSpec(
            name="transfer_scene_id",
            label=_("scene of transfers"),
            help=_("The number of the scene granted under 商家转账; empty for no transfers."),
        ),
        SettingSpec(
            name="transfer_reports",
            label=_("what the scene is reported with"),
            help=_('As JSON, for example {"岗位类型": "团长", "报酬说明": "佣金"}.'),
        ),
        SettingSpec(
            name="name_from_minor",
            label=_("payee's name from this amount on (fen)"),
            help=_("WeChat Pay wants it from 200000 on, and compares it."),
        ),
        SettingSpec(name="fee_rate", label=_("contract rate")),
        SettingSpec(name="is_test", label=_("test account"), is_flag=True),
    ),
    keys=(
        KeySpec(
            name="merchant_private_key",
            label=_("our private key"),
            help=_("The file apiclient_key.pem of the API certificate."),
        ),
        KeySpec(
            name="apiv3_key",
            label=_("APIv3 key"),
            help=_("A text file with the 32 characters set under API安全."),
        ),
        KeySpec(
            name="public_key",
            label=_("WeChat Pay's public key"),
            help=_ONE_OF_TWO,
            required=False,
        ),
        KeySpec(
            name="platform_certificates",
            label=_("platform certificates"),
            help=_ONE_OF_TWO,
            required=False,
        ),
    ),
    guide="docs/adapters/wechatpay.md",
)
