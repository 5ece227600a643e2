"""Which statements we wait for: every account's, every kind it offers, every day since it began."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from payments.acquiring.contract import BillDelivery, Capabilities, ConfigError
from payments.incidents import report_incident
from payments.kernel.clock import business_date, now
from payments.models import AcquirerAccount, Incident, Payment
from payments.reconciliation.models import Bill
from payments.reconciliation.rules import days_back, is_past_noon, ready_at
from payments.services.accounts import adapter_of, merchant_of


def expect_bills() -> int:
    """Write a row for each statement that should exist by now; return how many were new.

    Yesterday's at the hour the acquirer names, and earlier days that were never expected.
    """
    made = [bill for account in accounts_with_bills() for bill in _missing_of(account)]
    Bill.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def report_missing_bills() -> int:
    """Call a person, once per statement, when one is still missing at noon in Shanghai."""
    if not is_past_noon():
        return 0
    yesterday = business_date() - timedelta(days=1)
    missing = Bill.objects.filter(state__in=Bill.WANTED, day__lte=yesterday)
    for bill in missing:
        report_incident(
            Incident.Kind.NO_BILL,
            key=f"{bill.account_code}:{bill.day}:{bill.kind}",
            subject_no=bill.account_code,
            day=str(bill.day),
            kind_of_bill=bill.kind,
            attempts=bill.attempts,
        )
    return len(missing)


def accounts_with_bills() -> list[AcquirerAccount]:
    """Return one account row per merchant number in use, the newest settings of each."""
    rows = AcquirerAccount.objects.exclude(status=AcquirerAccount.Status.DISABLED)
    found: dict[str, AcquirerAccount] = {}
    for account in sorted(rows, key=lambda row: (row.status != "active", -row.version)):
        found.setdefault(merchant_of(account), account)
    return list(found.values())


def _missing_of(account: AcquirerAccount) -> Iterator[Bill]:
    caps = _caps(account)
    if caps is None or not caps.bill_kinds:
        return
    today = business_date()
    known = set(
        Bill.objects.filter(
            merchant=merchant_of(account), day__gte=today - timedelta(days=days_back())
        ).values_list("day", "kind")
    )
    for day in _days(account, caps):
        for kind in sorted(caps.bill_kinds):
            if (day, str(kind)) not in known:
                yield new_bill(account, day, kind, next_try_at=_first_try(caps))


def new_bill(
    account: AcquirerAccount,
    day: date,
    kind: str,
    *,
    version: int = 1,
    next_try_at: datetime | None = None,
) -> Bill:
    """Return an unsaved row for a statement of this account."""
    return Bill(
        account=account,
        account_code=account.code,
        merchant=merchant_of(account),
        day=day,
        kind=str(kind),
        version=version,
        next_try_at=next_try_at,
        created_at=now(),
    )


def _first_try(caps: Capabilities) -> datetime | None:
    """Brought statements are waited for, not fetched."""
    return None if caps.bill_delivery == BillDelivery.PUSH else now()


def _days(account: AcquirerAccount, caps: Capabilities) -> Iterator[date]:
    """Days that are over and still to be had, from the day the account came to be."""
    today = business_date()
    reach = min(days_back(), caps.bill_retention_days or days_back())
    first = max(_first_day(account), today - timedelta(days=reach))
    for count in range((today - first).days):
        day = first + timedelta(days=count)
        is_yesterday = day == today - timedelta(days=1)
        if is_yesterday and now() < ready_at(now(), caps.bill_ready_local_time):
            continue
        if account.status == AcquirerAccount.Status.ACTIVE or _was_used(account, day):
            yield day


def _first_day(account: AcquirerAccount) -> date:
    """The demo's history is older than its account: the first payment counts too."""
    payments = Payment.objects.filter(merchant=merchant_of(account))
    first = payments.order_by("pk").values_list("created_at", flat=True).first()
    opened = business_date(account.created_at)
    return opened if first is None else min(opened, business_date(first))


def _was_used(account: AcquirerAccount, day: date) -> bool:
    rows = Payment.objects.filter(merchant=merchant_of(account), created_at__date=day)
    return rows.exists()


def _caps(account: AcquirerAccount) -> Capabilities | None:
    """An account set up wrongly has said so elsewhere; it does not stop the others."""
    try:
        return adapter_of(account).caps
    except ConfigError:
        return None
