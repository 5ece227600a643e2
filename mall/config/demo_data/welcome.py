"""What whoever starts the demo reads first: who there is and what to try."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from mall.config.demo_data.bank_statement import NAME
from mall.config.demo_data.people import LEADERS, PASSWORD, RESIDENTS
from mall.config.demo_data.vouchers import CASHIER
from mall.groupbuy.models import GroupBuy

_TEXT = """\
居民 / resident      {resident} {resident_phone}，验证码 / sign-in code: {messages}
团长 / leader        {leader} {leader_phone}，同样用短信登录 / signs in the same way
管理员 / admin       admin · {password}    财务复核 / second person: finance · {password}
采购、仓配 / staff   buyer · {password}    depot · {password}（派车、分缺货 / vans, shortages）
银行 / bank          ccb-editor · {password}（建行杭州，写活动 / writes offers）
                     ccb-approver · {password}（审批 / approves them）  psbc-editor · {password}

试一试 / What to try
  1. 打开商城，选「王姐水果店」；把 30.00 + 2×49.00 + 80.00 的三样加入购物车（草莓、苹果、大米）
     Open the mall, choose a pickup point; strawberries, 2 × apples and rice make 208.00
  2. 去结算 → 绑卡（测试卡列在收单行页面上）→ 建行信用卡满200减16，实付 192.00
     Check out and tie a test card: the CCB credit card pays 192.00, the bank 16.00
  3. 团长：签收到货 → 输提货码交货 → 收益；管理员：结算单审批、打款、账簿
     As the leader receive and hand over; as the admin approve statements and look into the books
  4. 管理员：对账 → 红色的日子有差异，一人提议、另一人复核；银行流水可上传 {statement}
     As the admin: red days of reconciliation have differences, one proposes, the other decides;
     that file is a bank statement to upload
  5. 银行分行：ccb-approver 登录管理端审批「建行周五阶梯立减」；ccb-editor 新建、试算、看实时
     As the bank's branch: ccb-approver approves the draft that waits; ccb-editor writes an offer,
     tries a card, runs it over past orders and watches it live ({site}/admin/)
  6. 领券中心 {site}/vouchers/ 正在开抢，明天 10:00 还有一场
     商户核券：{cashier} 登录后打开 {site}/redeem/，输入居民券上的八位码
     Claim a voucher now; the merchant {cashier} takes one off a bill at /redeem/
  7. 红包雨正在下，今晚还有一场：{site}/rain/；积分：{site}/me/points/
     用民生信用卡付满 150 元，由银行自己立减 12 元
     It rains red packets, and again tonight; points; Minsheng takes 12.00 off by itself
  或者一次走完 / or all at once:  make smoke        对账 / check the books:  make verify
"""


def write_welcome(sales: Sequence[GroupBuy]) -> None:
    """Write the demo's welcome into its data folder, where the supervisor finds it."""
    text = _TEXT.format(
        resident=RESIDENTS[0][1],
        resident_phone=RESIDENTS[0][0].removeprefix("+86"),
        leader=LEADERS[0][1],
        leader_phone=LEADERS[0][0].removeprefix("+86"),
        password=PASSWORD,
        site=settings.SITE_URL,
        cashier=CASHIER.removeprefix("+86"),
        statement=settings.DATA_DIR / NAME,
        messages=f"{settings.LINLI_SANDBOX_URL}/messages",
    )
    groups = [group for sale in sales for group in sale.groups.order_by("pk")[:1]]
    links = [
        f"  {settings.SITE_URL}/g/{group.share_code}/  {group.group_buy.title}" for group in groups
    ]
    text += "\n进行中的团 / open groups\n" + "\n".join(links) + "\n"
    (settings.DATA_DIR / "welcome.txt").write_text(text, encoding="utf-8")
