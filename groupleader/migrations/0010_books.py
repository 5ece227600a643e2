"""Runs at the desk; and what stood before this floor kept lists of refunds and suppliers' lines.

Since 0004 every refund that takes of a line is a row, and since 0005 every movement of what a
supplier is owed. What happened before is written from the columns and the books that tell of it, so
that suppliers are settled for it and `verify` finds nothing missing. Where nothing is missing,
nothing is written.
"""

from __future__ import annotations

from collections import Counter

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

CHUNK = 500
BEFORE = "before"
OWED, PREPAID = "2201", "2101"
SHARES = ("split", "split_back", "split_advance")
# Closings and the acquirer's shares move 2201 without a line; a correction has its own.
NO_LINES = ("statement", "correction", *SHARES)
KINDS = {"fulfil": "goods", "fulfil_back": "undone", "redeem": "voucher", "redeem_back": "voucher"}


def list_refunds(apps, _editor) -> None:
    """Write one row for what went back of a line before refunds were listed."""
    terms = apps.get_model("groupleader", "CommissionTerms").objects
    taken = apps.get_model("groupleader", "TakenBack")
    sums = taken.objects.filter(terms=OuterRef("pk")).order_by().values("terms")
    listed = Coalesce(Subquery(sums.annotate(sum=Sum("value_minor")).values("sum")), 0)
    rows = terms.annotate(listed=listed).filter(returned_minor__gt=F("listed"))
    taken.objects.bulk_create(
        (
            taken(
                terms_id=row.pk,
                refund_no=BEFORE,
                value_minor=row.returned_minor - row.listed,
                at=row.placed_at,
            )
            for row in rows.order_by("pk")
        ),
        batch_size=CHUNK,
    )


def list_dues(apps, editor) -> None:
    """Write a supplier's lines of what the books owed it before its lines were written."""
    began = _began(editor)
    legs = apps.get_model("payments", "JournalEntry").objects.filter(
        account=OWED, transaction__posted=True
    )
    if began is None or not legs.exists():
        return
    lines = apps.get_model("groupleader", "SupplierDue")
    accounts = apps.get_model("groupleader", "SupplierAccount").objects
    old = legs.filter(transaction__created_at__lt=began)
    shared = set(old.filter(transaction__kind__in=SHARES).values_list("party", flat=True))
    for ref in sorted(_short(apps, legs)):
        account, _made = accounts.get_or_create(
            supplier_ref=ref,
            defaults={"name": _name(apps, ref), "is_settled": ref not in shared},
        )
        mine = old.filter(party=ref).exclude(transaction__kind__in=NO_LINES)
        lines.objects.bulk_create(_lines(apps, mine, lines, account), batch_size=CHUNK)


def _began(editor):
    """Return when lines began to be written here: when 0005 was applied."""
    rows = MigrationRecorder(editor.connection).migration_qs
    found = rows.filter(app="groupleader", name="0005_settling").first()
    return None if found is None else found.applied


def _short(apps, legs) -> set[str]:
    """Return the parties whose lines come to something else than the books ever owed them."""
    missing: Counter[str] = Counter()
    sums = legs.exclude(transaction__kind__in=("statement", *SHARES)).order_by()
    for ref, minor in sums.values_list("party").annotate(sum=Sum("amount_minor")):
        missing[ref] -= minor
    dues = apps.get_model("groupleader", "SupplierDue").objects.all()
    corrections = apps.get_model("groupleader", "Correction").objects.filter(
        status="approved", supplier__isnull=False
    )
    for rows in (dues, corrections):
        sums = rows.order_by().values_list("supplier__supplier_ref")
        for ref, minor in sums.annotate(sum=Sum("amount_minor")):
            missing[ref] -= minor
    return {ref for ref, minor in missing.items() if minor}


def _lines(apps, legs, lines, account):
    """Yield a line for each journal that has none."""
    entries = apps.get_model("payments", "JournalEntry").objects
    known = set(lines.objects.filter(supplier_id=account.pk).values_list("order_no", flat=True))
    order_no = entries.filter(transaction=OuterRef("transaction"), account=PREPAID)
    rows = legs.annotate(order_no=Subquery(order_no.order_by("pk").values("reference")[:1]))
    fields = ("pk", "amount_minor", "order_no", "transaction__kind", "transaction__created_at")
    for pk, minor, order, kind, at in rows.order_by("pk").values_list(*fields):
        if (order or "") in known - {""}:
            continue
        yield lines(
            supplier_id=account.pk,
            kind=KINDS.get(kind, "goods" if minor < 0 else "returned"),
            key=f"{BEFORE}:{pk}",
            order_no=(order or "")[:32],
            amount_minor=-minor,
            at=at,
            due_at=at,
        )


def _name(apps, ref: str) -> str:
    kind, _colon, number = ref.partition(":")
    names = apps.get_model("partner", "Partner").objects.values_list("name", flat=True)
    found = names.filter(pk=int(number)).first() if kind == "supplier" and number.isdigit() else ""
    return (found or ref)[:120]


class Migration(migrations.Migration):
    dependencies = [
        ("groupleader", "0009_doors"),
        ("partner", "0006_auto_20200724_0909"),
        ("payments", "0008_subsidies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='DeskRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('cut', 'Statements are cut'), ('pay', 'Statements are paid')], max_length=4, verbose_name='what')),
                ('asked_at', models.DateTimeField(verbose_name='started at')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'run',
                'verbose_name_plural': 'runs',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='DeskRunRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('waiting', 'Waits for its turn'), ('done', 'Done'), ('refused', 'Not done')], default='waiting', max_length=8, verbose_name='outcome')),
                ('code', models.CharField(blank=True, max_length=60, verbose_name='why not')),
                ('at', models.DateTimeField(null=True, verbose_name='at')),
                ('leader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='groupleader.leader', verbose_name='leader')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='groupleader.deskrun', verbose_name='run')),
                ('statement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='groupleader.settlementstatement', verbose_name='statement')),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='groupleader.supplieraccount', verbose_name='supplier')),
            ],
            options={
                'verbose_name': 'row of a run',
                'verbose_name_plural': 'rows of runs',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('outcome', 'waiting')), fields=['id'], name='groupleader_runrow_to_do')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('leader__isnull', True), ('statement__isnull', False), ('supplier__isnull', True)), models.Q(('leader__isnull', False), ('statement__isnull', True), ('supplier__isnull', True)), models.Q(('leader__isnull', True), ('statement__isnull', True), ('supplier__isnull', False)), _connector='OR'), name='groupleader_runrow_one_thing'), models.UniqueConstraint(condition=models.Q(('outcome', 'waiting')), fields=('statement',), name='groupleader_runrow_statement'), models.UniqueConstraint(condition=models.Q(('outcome', 'waiting')), fields=('leader',), name='groupleader_runrow_leader'), models.UniqueConstraint(condition=models.Q(('outcome', 'waiting')), fields=('supplier',), name='groupleader_runrow_supplier')],
            },
        ),
        migrations.RunPython(list_refunds, migrations.RunPython.noop),
        migrations.RunPython(list_dues, migrations.RunPython.noop),
    ]
