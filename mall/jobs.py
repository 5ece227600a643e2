"""What the mall does by the clock."""

from __future__ import annotations

from payments.api import Job

JOBS = [
    Job(name="mall.open_group_buys", every_seconds=15, function="mall.groupbuy.jobs.open_due"),
    Job(name="mall.close_group_buys", every_seconds=15, function="mall.groupbuy.jobs.close_due"),
    Job(name="mall.form_group_buys", every_seconds=15, function="mall.groupbuy.jobs.form_due"),
    Job(name="mall.index_goods", every_seconds=60, function="mall.catalogue.jobs.index_changed"),
    Job(
        name="mall.forget_codes",
        every_seconds=3600,
        function="mall.accounts.signing_in.forget_old_codes",
        limit=1000,
    ),
]
