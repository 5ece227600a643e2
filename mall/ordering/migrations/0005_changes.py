"""Orders that are edited, cut, moved, or placed on behalf of somebody."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

_FORMED = ["formed", "ordered", "arrived", "settled"]


def cut(apps, _schema_editor):
    """Call the results of sales that formed before results were fixed as they were then."""
    sales = apps.get_model("groupbuy", "GroupBuy").objects.filter(cut_at=None)
    formed = sales.exclude(state="failed").exclude(formed_at=None)
    lines = apps.get_model("ordering", "LineFulfilment").objects.filter(
        item=OuterRef("pk"), order__paid_at__isnull=False, order__group__state__in=_FORMED
    )
    left = Sum(F("quantity") - F("refunded_quantity"))
    sold = lines.order_by().values("item").annotate(n=left).values("n")
    items = apps.get_model("groupbuy", "GroupBuyItem").objects.filter(group_buy__in=formed)
    items.filter(final_quantity=None).update(
        final_price_minor=F("price_minor"), final_quantity=Coalesce(Subquery(sold), 0)
    )
    formed.update(cut_at=F("formed_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0004_backs"),
        ("groupbuy", "0002_whole"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="linefulfilment",
            name="piece_grams",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="estimated weight of a piece (grams)"
            ),
        ),
        migrations.CreateModel(
            name='OrderMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('cheaper_minor', models.PositiveBigIntegerField(default=0, verbose_name='cheaper by (fen)')),
                ('refund_no', models.CharField(blank=True, max_length=32, verbose_name='refund')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'move of an order',
                'verbose_name_plural': 'moves of orders',
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='lineback',
            name='ordering_lineback_once',
        ),
        migrations.AddField(
            model_name='linefulfilment',
            name='allotted',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='allotted at the cut-off'),
        ),
        migrations.AddField(
            model_name='linefulfilment',
            name='tolerance',
            field=models.PositiveIntegerField(default=0, verbose_name='more, so that a case fills'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='boxes',
            field=models.PositiveIntegerField(default=0, verbose_name='boxes'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='chain_remark',
            field=models.CharField(blank=True, max_length=100, verbose_name='remark in the chain'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='changed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='changed at'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='end_note',
            field=models.CharField(blank=True, max_length=200, verbose_name="staff's reason"),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended by'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='is_anonymous',
            field=models.BooleanField(default=False, verbose_name='not named in the chain'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='is_quiet',
            field=models.BooleanField(default=False, verbose_name='ended without telling'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='moved_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='moved at'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='placed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders_for_others', to=settings.AUTH_USER_MODEL, verbose_name='placed on behalf by'),
        ),
        migrations.AddField(
            model_name='orderfulfilment',
            name='window_held',
            field=models.BooleanField(default=False, verbose_name='held open by a case'),
        ),
        migrations.AddField(
            model_name='stockreservation',
            name='returned',
            field=models.PositiveIntegerField(default=0, verbose_name='put back'),
        ),
        migrations.AlterField(
            model_name='lineback',
            name='why',
            field=models.CharField(choices=[('resident', 'Taken off by the resident'), ('not_formed', 'The group did not form'), ('staff', 'Taken off by the mall'), ('tier', 'A lower price was reached'), ('lot', 'No full case came together'), ('moved', 'Cheaper where it was moved to'), ('shortage', 'Did not come'), ('weight', 'Lighter than estimated'), ('case', 'After-sales'), ('overdue', 'Not collected in time'), ('recall', 'Called back')], max_length=12, verbose_name='reason'),
        ),
        migrations.AddIndex(
            model_name='orderfulfilment',
            index=models.Index(condition=models.Q(('placed_by__isnull', False)), fields=['placed_by', 'group'], name='ordering_order_for_others'),
        ),
        migrations.AddConstraint(
            model_name='lineback',
            constraint=models.UniqueConstraint(fields=('line', 'key', 'why'), name='ordering_lineback_once'),
        ),
        migrations.AddConstraint(
            model_name='linefulfilment',
            constraint=models.CheckConstraint(condition=models.Q(('tolerance__lte', models.F('quantity')), models.Q(('allotted__isnull', True), ('allotted__lte', models.F('quantity')), _connector='OR')), name='ordering_linefulfilment_optional_within_quantity'),
        ),
        migrations.AddConstraint(
            model_name='stockreservation',
            constraint=models.CheckConstraint(condition=models.Q(('returned', 0), models.Q(('returned__lte', models.F('quantity')), models.Q(('state', 'held'), _negated=True)), _connector='OR'), name='ordering_stockreservation_puts_back_no_more'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='moved by'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='from_group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='groupbuy.leadergroup', verbose_name='moved from'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='ordering.orderfulfilment', verbose_name='order'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='to_group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='groupbuy.leadergroup', verbose_name='moved to'),
        ),
        migrations.AddConstraint(
            model_name='ordermove',
            constraint=models.CheckConstraint(condition=models.Q(('from_group', models.F('to_group')), _negated=True), name='ordering_ordermove_goes_elsewhere'),
        ),
        migrations.RemoveConstraint(
            model_name='lineback',
            name='ordering_lineback_pays_for_something',
        ),
        migrations.AddConstraint(
            model_name='lineback',
            constraint=models.CheckConstraint(condition=models.Q(('payer_minor__lte', models.F('value_minor')), models.Q(('value_minor__gt', 0), ('quantity__gt', 0), _connector='OR')), name='ordering_lineback_pays_for_something'),
        ),
        migrations.AddIndex(
            model_name='orderfulfilment',
            index=models.Index(fields=['paid_at'], name='ordering_order_paid'),
        ),
        migrations.AddIndex(
            model_name='orderfulfilment',
            index=models.Index(fields=['collected_at'], name='ordering_order_collected'),
        ),
        migrations.RunPython(cut, migrations.RunPython.noop),
    ]
