"""What the mall does by the clock."""

from __future__ import annotations

from payments.api import Job

JOBS = [
    Job(name="mall.open_group_buys", every_seconds=15, function="mall.groupbuy.jobs.open_due"),
    Job(name="mall.close_group_buys", every_seconds=15, function="mall.groupbuy.jobs.close_due"),
    Job(name="mall.close_full_sales", every_seconds=15, function="mall.groupbuy.jobs.close_full"),
    Job(name="mall.remind_of_cut_off", every_seconds=15, function="mall.groupbuy.jobs.remind_due"),
    Job(name="mall.tell_waiting", every_seconds=30, function="mall.groupbuy.waiting.tell_due"),
    Job(
        name="mall.make_sales", every_seconds=60, function="mall.groupbuy.recurring_sales.make_due"
    ),
    Job(name="mall.form_group_buys", every_seconds=15, function="mall.groupbuy.jobs.form_due"),
    Job(name="mall.index_goods", every_seconds=60, function="mall.catalogue.jobs.index_changed"),
    Job(
        name="mall.forget_searches",
        every_seconds=3600,
        function="mall.catalogue.hot.forget_old_words",
        limit=1000,
    ),
    Job(
        name="mall.forget_codes",
        every_seconds=3600,
        function="mall.accounts.signing_in.forget_old_codes",
        limit=1000,
    ),
    Job(name="mall.send_messages", every_seconds=5, function="mall.messaging.dispatch.send_due"),
    Job(name="mall.call_webhooks", every_seconds=5, function="mall.webhooks.calling.call_due"),
    Job(
        name="mall.forget_answers",
        every_seconds=900,
        function="mall.rest_api.idempotency.forget_old",
        limit=2000,
    ),
    Job(
        name="mall.forget_messages",
        every_seconds=3600,
        function="mall.messaging.reading.forget_old",
        limit=1000,
    ),
    Job(name="mall.begin_offers", every_seconds=15, function="mall.promotions.lifecycle.begin_due"),
    Job(
        name="mall.expire_proposals",
        every_seconds=60,
        function="mall.promotions.approvals.expire_due",
    ),
    Job(
        name="mall.expire_points",
        every_seconds=900,
        function="mall.loyalty.expiry.expire_due",
        limit=500,
    ),
    Job(name="mall.end_rains", every_seconds=15, function="mall.redpackets.sessions.end_due"),
    Job(
        name="mall.rehearse_offers",
        every_seconds=5,
        function="mall.offerdesk.rehearsal.running.run_due",
        limit=1,
    ),
    Job(name="mall.tend_vouchers", every_seconds=15, function="mall.vouchers.jobs.tend_due"),
    Job(
        name="mall.expire_vouchers",
        every_seconds=30,
        function="mall.vouchers.jobs.expire_due",
        limit=1000,
    ),
    Job(
        name="mall.forget_voucher_codes",
        every_seconds=3600,
        function="mall.vouchers.jobs.forget_old_codes",
        limit=1000,
    ),
    Job(name="mall.expire_orders", every_seconds=15, function="mall.ordering.jobs.expire_due"),
    Job(
        name="mall.cut_group_buys",
        every_seconds=15,
        function="mall.ordering.jobs.cut_due",
        limit=1000,
    ),
    Job(name="mall.confirm_orders", every_seconds=15, function="mall.ordering.jobs.confirm_due"),
    Job(name="mall.plan_rounds", every_seconds=60, function="mall.fulfilment.planning.plan_due"),
    Job(name="mall.send_rounds", every_seconds=10, function="mall.fulfilment.rounds.send_asked"),
    Job(
        name="mall.finish_arrivals",
        every_seconds=15,
        function="mall.fulfilment.receiving.finish_due",
    ),
    Job(
        name="mall.settle_shortages",
        every_seconds=30,
        function="mall.fulfilment.shortages.settle_due",
    ),
    Job(
        name="mall.hand_over_points",
        every_seconds=60,
        function="mall.fulfilment.handing_points.carry_out_due",
    ),
    Job(name="mall.settle_sales", every_seconds=300, function="mall.fulfilment.closing.settle_due"),
    Job(name="mall.close_orders", every_seconds=60, function="mall.fulfilment.closing.close_due"),
    Job(name="mall.pass_cases_on", every_seconds=60, function="mall.aftersales.jobs.escalate_due"),
    Job(
        name="mall.tend_overdue",
        every_seconds=60,
        function="mall.fulfilment.overdue_jobs.tend_due",
    ),
    Job(
        name="mall.forget_asking",
        every_seconds=3600,
        function="mall.fulfilment.asking.forget_asking",
        limit=1000,
    ),
    Job(
        name="mall.recall_batches",
        every_seconds=5,
        function="mall.aftersales.recall_job.carry_on",
        limit=200,
    ),
    Job(name="mall.draft_claims", every_seconds=900, function="mall.claims.jobs.draft_due"),
    Job(name="mall.refund_failed", every_seconds=30, function="mall.ordering.jobs.refund_due"),
    Job(name="mall.draft_purchases", every_seconds=30, function="mall.supply.jobs.draft_due"),
    Job(name="mall.send_purchases", every_seconds=30, function="mall.supply.jobs.send_due"),
    Job(name="mall.remind_suppliers", every_seconds=60, function="mall.supply.jobs.remind_due"),
    Job(
        name="mall.forget_supplier_links",
        every_seconds=3600,
        function="mall.supply.jobs.forget_links",
        limit=1000,
    ),
]
