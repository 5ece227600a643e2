"""What went back of each line, once per reason; the supplier's part counted beside the value."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from payments.api import part_of_share


def fill(apps, _schema_editor):
    """Give what went back before these rows one row per line, under the order's last refund."""
    lines = apps.get_model("ordering", "LineFulfilment").objects.filter(refunded_minor__gt=0)
    rows = apps.get_model("ordering", "LineBack").objects
    refunds = apps.get_model("payments", "Refund").objects.order_by("-pk")
    for line in lines.select_related("order").order_by("pk").iterator():
        cost = part_of_share(
            line.cost_minor, done=0, now=line.refunded_quantity, whole=line.quantity
        )
        type(line).objects.filter(pk=line.pk).update(returned_cost_minor=cost)
        refund = refunds.filter(payment__payment_no=line.order.payment_no).first()
        if refund is None:
            continue
        is_whole = refund.refund_key == f"whole:{line.order.order_no}"
        rows.create(
            line=line,
            key=refund.refund_key if is_whole else f"earlier:{refund.refund_no}",
            refund_no=refund.refund_no,
            why=(line.order.ended_because if is_whole else "") or "shortage",
            quantity=line.refunded_quantity,
            value_minor=line.refunded_minor,
            payer_minor=max(0, line.refunded_minor - line.returned_share_minor),
            cost_minor=cost,
            at=refund.created_at,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0032_category_exclude_from_menu_category_long_description'),
        ('groupbuy', '0001_initial'),
        ('order', '0021_billingaddress_code_shippingaddress_code'),
        ('ordering', '0003_discounts'),
        ('partner', '0007_partneraddress_code'),
        ('payments', '0008_subsidies'),
    ]

    operations = [
        migrations.CreateModel(
            name='LineBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=110, verbose_name='wish')),
                ('refund_no', models.CharField(db_index=True, max_length=32, verbose_name='refund')),
                ('why', models.CharField(choices=[('resident', 'Taken off by the resident'), ('not_formed', 'The group did not form'), ('staff', 'Taken off by the mall'), ('tier', 'A lower price was reached'), ('lot', 'No full case came together'), ('shortage', 'Did not come'), ('weight', 'Lighter than estimated'), ('case', 'After-sales'), ('overdue', 'Not collected in time'), ('recall', 'Called back')], max_length=12, verbose_name='reason')),
                ('quantity', models.PositiveIntegerField(default=0, verbose_name='quantity')),
                ('value_minor', models.PositiveBigIntegerField(verbose_name='value (fen)')),
                ('payer_minor', models.PositiveBigIntegerField(verbose_name='of it to the resident (fen)')),
                ('cost_minor', models.PositiveBigIntegerField(default=0, verbose_name='not owed to the supplier (fen)')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'part that went back',
                'verbose_name_plural': 'parts that went back',
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='linefulfilment',
            name='ordering_linefulfilment_gives_back_no_more',
        ),
        migrations.AddField(
            model_name='linefulfilment',
            name='returned_cost_minor',
            field=models.PositiveBigIntegerField(default=0, verbose_name='not owed to the supplier any more (fen)'),
        ),
        migrations.AddConstraint(
            model_name='linefulfilment',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_minor__lte', models.F('value_minor')), ('refunded_quantity__lte', models.F('quantity')), ('returned_cost_minor__lte', models.F('cost_minor')), ('returned_share_minor__lte', models.F('offer_share_minor'))), name='ordering_linefulfilment_gives_back_no_more'),
        ),
        migrations.AddField(
            model_name='lineback',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='backs', to='ordering.linefulfilment', verbose_name='line'),
        ),
        migrations.AddConstraint(
            model_name='lineback',
            constraint=models.UniqueConstraint(fields=('line', 'key'), name='ordering_lineback_once'),
        ),
        migrations.AddConstraint(
            model_name='lineback',
            constraint=models.CheckConstraint(condition=models.Q(('payer_minor__lte', models.F('value_minor')), ('value_minor__gt', 0)), name='ordering_lineback_pays_for_something'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
