"""Every discount of an order by source, line and funder."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from payments.api import spread


def fill(apps, _schema_editor):
    """Give the bank offers of orders placed before their rows, as their payments have them."""
    orders = apps.get_model("ordering", "OrderFulfilment").objects.filter(discount_minor__gt=0)
    for order in orders.order_by("pk").iterator():
        parts = _parts(apps, order)
        if sum(minor for *_, minor in parts) == order.discount_minor:
            _write(apps, order, parts)


def _parts(apps, order):
    """Return who gave how much: as booked where it was paid, else as quoted."""
    tenders = apps.get_model("payments", "Tender").objects.exclude(funder="payer")
    is_paid = order.paid_at is not None
    rows = tenders.filter(payment__payment_no=order.payment_no).order_by("pk")
    return [
        (row.funder, row.ref, row.actual_minor if is_paid else row.estimated_minor) for row in rows
    ]


def _write(apps, order, parts):
    discount = apps.get_model("ordering", "OrderDiscount").objects.create(
        order=order,
        source="offer",
        source_no=parts[0][1].rpartition(":")[2][:64],
        name=order.offer_name or parts[0][1][:60],
        estimated_minor=order.discount_minor,
        actual_minor=order.discount_minor if order.paid_at else None,
    )
    lines = list(order.lines.order_by("pk"))
    left = [line.offer_share_minor for line in lines]
    own = [0] * len(lines)
    rows = {line.pk: [] for line in lines}
    for funder, ref, minor in parts:
        minors = spread(minor, left)
        left = [rest - each for rest, each in zip(left, minors, strict=True)]
        for n, line in enumerate(lines):
            own[n] += 0 if funder in ("bank", "government") else minors[n]
            if minors[n]:
                rows[line.pk].append((funder, ref, minors[n]))
    for line, own_minor in zip(lines, own, strict=True):
        type(line).objects.filter(pk=line.pk).update(own_share_minor=own_minor)
        shares = rows[line.pk]
        back = spread(line.returned_share_minor, [minor for *_, minor in shares])
        for (funder, ref, minor), returned in zip(shares, back, strict=True):
            apps.get_model("ordering", "LineDiscount").objects.create(
                line=line,
                discount=discount,
                funder=funder,
                funder_ref=ref,
                minor=minor,
                returned_minor=returned,
            )


class Migration(migrations.Migration):
    """Every discount of an order by source, line and funder."""

    dependencies = [
        ("ordering", "0002_stock_guards"),
        ("payments", "0007_asked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='orderfulfilment',
            name='priced_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='priced anew at'),
        ),
        migrations.AlterField(
            model_name='linefulfilment',
            name='offer_share_minor',
            field=models.PositiveBigIntegerField(default=0, verbose_name='part of the discounts (fen)'),
        ),
        migrations.AlterField(
            model_name='linefulfilment',
            name='own_share_minor',
            field=models.PositiveBigIntegerField(default=0, verbose_name='of it not from bank or authority (fen)'),
        ),
        migrations.AlterField(
            model_name='orderfulfilment',
            name='discount_minor',
            field=models.PositiveBigIntegerField(default=0, verbose_name='discounts (fen)'),
        ),
        migrations.CreateModel(
            name='OrderDiscount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('voucher', 'Voucher'), ('points', 'Points'), ('offer', 'Bank offer')], max_length=8, verbose_name='kind')),
                ('source_no', models.CharField(max_length=64, verbose_name='number')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('decided_by', models.CharField(choices=[('shop', 'The mall'), ('bank', 'The bank')], default='shop', max_length=4, verbose_name='decided by')),
                ('estimated_minor', models.PositiveBigIntegerField(verbose_name='quoted (fen)')),
                ('actual_minor', models.PositiveBigIntegerField(null=True, verbose_name='given (fen)')),
                ('noted_at', models.DateTimeField(blank=True, null=True, verbose_name='noted at')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('noted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='noted by')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='discounts', to='ordering.orderfulfilment', verbose_name='order')),
            ],
            options={
                'verbose_name': 'discount of an order',
                'verbose_name_plural': 'discounts of orders',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='LineDiscount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('funder', models.CharField(choices=[('bank', 'bank'), ('government', 'government'), ('platform', 'platform'), ('supplier', 'supplier'), ('leader', 'group leader')], max_length=10, verbose_name='paid by')),
                ('funder_ref', models.CharField(max_length=64, verbose_name='label in the books')),
                ('minor', models.PositiveBigIntegerField(verbose_name='part (fen)')),
                ('returned_minor', models.PositiveBigIntegerField(default=0, verbose_name='given back (fen)')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='discounts', to='ordering.linefulfilment', verbose_name='order line')),
                ('discount', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ordering.orderdiscount', verbose_name='discount of an order')),
            ],
            options={
                'verbose_name': "funder's part of a line",
                'verbose_name_plural': "funders' parts of lines",
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='DiscountDifference',
            fields=[
            ],
            options={
                'verbose_name': 'difference of a bank discount',
                'verbose_name_plural': 'differences of bank discounts',
                'ordering': ['-pk'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('ordering.orderdiscount',),
        ),
        migrations.AddIndex(
            model_name='orderdiscount',
            index=models.Index(fields=['source', 'source_no'], name='ordering_discount_by_source'),
        ),
        migrations.AddIndex(
            model_name='orderdiscount',
            index=models.Index(condition=models.Q(('actual_minor__isnull', False), models.Q(('actual_minor', models.F('estimated_minor')), _negated=True)), fields=['-id'], name='ordering_discount_differs'),
        ),
        migrations.AddConstraint(
            model_name='orderdiscount',
            constraint=models.UniqueConstraint(fields=('order', 'source', 'source_no'), name='ordering_orderdiscount_once'),
        ),
        migrations.AddConstraint(
            model_name='linediscount',
            constraint=models.UniqueConstraint(fields=('line', 'discount', 'funder', 'funder_ref'), name='ordering_linediscount_once'),
        ),
        migrations.AddConstraint(
            model_name='linediscount',
            constraint=models.CheckConstraint(condition=models.Q(('minor__gt', 0), ('returned_minor__lte', models.F('minor'))), name='ordering_linediscount_gives_back_no_more'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
