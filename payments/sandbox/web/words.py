"""Every sentence the bank shows, Chinese first, English beside it."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("zh", "en")

WORDS: Final[dict[str, tuple[str, str]]] = {
    "bank": ("沙箱银行收单", "Sandbox Acquirer"),
    "tagline": ("演示环境 · 不涉及真实资金", "Demonstration · no real money"),
    "other_language": ("English", "中文"),
    "skip": ("跳到正文", "Skip to content"),
    "home_title": ("沙箱银行收单", "Sandbox Acquirer"),
    "home_lead": (
        "这是一家只在演示和测试中存在的收单银行：有自己的进程、账本和密钥。商城通过签名的接口请它收款、退款、分账、签约和代付，每天出对账单。",
        (
            "A bank for demonstrations and tests, with its own process, books and keys:"
            " the mall asks it over a signed interface to collect, refund, share out, sign cards"
            " and pay out, and fetches a bill of every day."
        ),
    ),
    "messages": ("短信收件箱", "Text messages"),
    "messages_lead": (
        "演示手机：银行和商城发出的短信都在这里，最新的在最上面。",
        "The demo's telephone: texts from the bank and the mall, newest first.",
    ),
    "messages_empty": ("还没有短信", "No messages yet"),
    "messages_of": ("手机号", "Phone number"),
    "messages_show": ("查看", "Show"),
    "messages_all": ("全部手机号", "All numbers"),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "to": ("发给", "To"),
    "test_cards": ("测试卡", "Test cards"),
    "test_cards_lead": (
        "姓名和手机号可随意填写，验证码见短信收件箱。请勿输入真实银行卡号。",
        "Any name and phone will do; the code arrives by text message. Never type a real card.",
    ),
    "use_card": ("填入", "Use"),
    "debit": ("储蓄卡", "debit card"),
    "credit": ("信用卡", "credit card"),
    "unionpay_single": ("银联单标", "UnionPay single-mark"),
    "unionpay_dual": ("银联双标", "UnionPay dual-mark"),
    "temper_normal": ("正常付款", "pays normally"),
    "temper_declined": ("付款时余额不足", "declined at payment: insufficient funds"),
    "temper_slow": ("付款成功但应答超时", "pays, but the answer comes too late"),
    "temper_asks_code": ("每次付款都要验证码", "asks for a code at every payment"),
    "temper_silent": ("付款成功但不发通知", "pays, but sends no notification"),
    "pay_title": ("收银台", "Cashier"),
    "pay_to": ("收款方", "Pay to"),
    "amount": ("应付金额", "Amount due"),
    "order_no": ("支付单号", "Payment number"),
    "subject": ("商品", "For"),
    "time_left": ("剩余支付时间", "Time left to pay"),
    "by_qr": ("扫码支付", "Scan to pay"),
    "by_card": ("银行卡支付", "Pay by card"),
    "ways": ("支付方式", "Ways to pay"),
    "qr_lead": ("请用另一部手机扫描二维码付款", "Scan this code with another phone"),
    "qr_label": ("付款二维码", "Payment QR code"),
    "qr_same_phone": ("就在本机付款", "Pay on this phone"),
    "qr_waiting": ("等待付款…", "Waiting for the payment…"),
    "card_number": ("银行卡号", "Card number"),
    "card_number_hint": ("12 至 19 位数字", "12 to 19 digits"),
    "holder": ("持卡人姓名", "Name on the card"),
    "phone": ("银行预留手机号", "Phone number known to the bank"),
    "next": ("下一步，获取验证码", "Next: get a code"),
    "code": ("短信验证码", "One-time code"),
    "code_sent": ("验证码已发送至", "A code was sent to"),
    "code_where": ("在演示中到哪里看验证码？", "Where is the code in this demo?"),
    "open_messages": ("打开短信收件箱", "Open the text messages"),
    "resend": ("重新发送验证码", "Send a new code"),
    "resent": ("新的验证码已发送", "A new code was sent"),
    "change_card": ("换一张卡", "Use another card"),
    "confirm_pay": ("确认支付", "Pay"),
    "cancel_back": ("取消，返回商户", "Cancel and go back"),
    "scan_title": ("扫码付款", "Scan and pay"),
    "scan_account": ("付款账户：建设银行储蓄卡（测试）", "From: CCB debit card (test)"),
    "paid_title": ("支付成功", "Payment complete"),
    "paid_text": ("款项已支付给收款方。", "The money has been paid."),
    "paid_scan": (
        "可以关闭本页，回到原来的设备。",
        "You may close this page and go back to your device.",
    ),
    "closed_title": ("订单已关闭", "This payment is closed"),
    "closed_text": (
        "超过支付时间或已被商户关闭，没有扣款。",
        "Its time is over or the merchant closed it. Nothing was charged.",
    ),
    "failed_title": ("支付未完成", "Payment not made"),
    "failed_text": ("本次支付没有扣款。", "Nothing was charged."),
    "back": ("返回商户", "Back to the merchant"),
    "going_back": ("正在返回商户…", "Taking you back…"),
    "sign_title": ("绑定银行卡", "Tie a card"),
    "sign_lead": ("授权以下商户使用您的银行卡快捷支付", "Allow this merchant to charge your card"),
    "sign_privacy": (
        "卡号只在银行页面输入，商户得到的是令牌和尾号。",
        "The number stays with the bank; the merchant gets a token and the last four digits.",
    ),
    "confirm_sign": ("同意协议并绑卡", "Agree and tie the card"),
    "signed_title": ("绑卡成功", "The card is tied"),
    "signed_text": ("以后付款可直接使用这张卡。", "You can pay with this card from now on."),
    "sign_over_title": ("签约已结束", "This signing is over"),
    "sign_over_text": ("请回到商户重新发起。", "Please start again at the merchant."),
    "otp_title": ("支付验证", "Confirm the payment"),
    "otp_lead": ("这张卡每次付款都需要验证码", "This card asks for a code at every payment"),
    "mine_title": ("我的快捷支付签约", "My card agreements"),
    "mine_lead": (
        "输入银行预留的手机号，查看哪些商户可以从您的银行卡扣款，并可随时解约。",
        "Type the phone your bank knows, to see who may charge your cards, and to end it.",
    ),
    "mine_merchant": ("可扣款商户：", "May be charged by"),
    "mine_revoke": ("解约", "End it"),
    "mine_empty": ("这个手机号没有生效中的签约", "Nothing is in force for this phone"),
    "not_found_title": ("没有这个页面", "There is no such page"),
    "not_found_text": ("链接可能已失效。", "The link may be out of date."),
    "oops_title": ("银行出错了", "Something went wrong at the bank"),
    "fix_below": ("请更正后再试", "Please correct this and try again"),
    "name_missing": ("请填写姓名", "Please fill in the name"),
    "phone_wrong": ("手机号格式不正确", "This is not a phone number"),
    "CARD_NUMBER_INVALID": (
        "卡号不正确，请逐位核对",
        "This card number is not right; please check it digit by digit",
    ),
    "CARD_UNKNOWN": (
        "沙箱只接受测试卡，请从下方选一张",
        "The sandbox takes test cards only; please choose one below",
    ),
    "CODE_WRONG": ("验证码不正确，还可以试 {tries_left} 次", "Wrong code; {tries_left} tries left"),
    "CODE_EXPIRED": ("验证码已过期，请重新发送", "The code is too old; please send a new one"),
    "CODE_USED_UP": (
        "错误次数过多，请重新发送验证码",
        "Too many wrong codes; please send a new one",
    ),
    "CODE_MISSING": ("请先获取验证码", "Please ask for a code first"),
    "CODE_TOO_SOON": ("刚刚发送过，请 {seconds} 秒后再试", "Sent just now; wait {seconds} seconds"),
    "CODE_TOO_MANY": (
        "验证码发送次数过多，请返回商户重新发起",
        "No more codes for this page; please start again at the merchant",
    ),
    "INSUFFICIENT_FUNDS": (
        "余额不足，没有扣款，请换一张卡",
        "Insufficient funds, nothing was charged; please use another card",
    ),
    "ORDER_NOT_PAYABLE": ("订单已不能支付", "This payment can no longer be made"),
    "SIGNING_OVER": ("签约已结束，请回到商户重新发起", "This signing is over; please start again"),
}


def say(key: str, language: str, **figures: object) -> str:
    """Say one sentence in a language; an unknown key is shown as it is."""
    pair = WORDS.get(key)
    if pair is None:
        return key
    return pair[LANGUAGES.index(language)].format(**figures)
