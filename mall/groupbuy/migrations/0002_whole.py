"""Tiers, case lots, minimums, schedules, assortments, chat sign-ups, waiting lists."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('catalogue', '0032_category_exclude_from_menu_category_long_description'),
        ('groupbuy', '0001_initial'),
        ('partner', '0007_partneraddress_code'),
        ('pickup', '0002_capacity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Assortment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('approves_itself', models.BooleanField(default=True, help_text="A leader's sale that keeps to this assortment needs nobody's approval.", verbose_name='approved by itself')),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'verbose_name': 'assortment',
                'verbose_name_plural': 'assortments',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='AssortmentItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cost_minor', models.PositiveIntegerField(help_text='What the supplier is owed per unit, in fen.', verbose_name='cost')),
                ('floor_minor', models.PositiveIntegerField(help_text='In fen.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='lowest price')),
                ('ceiling_minor', models.PositiveIntegerField(help_text='In fen.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='highest price')),
                ('commission_rate', models.DecimalField(decimal_places=4, default=0, help_text='The part of the price kept free for the leader: 0.1 is a tenth.', max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='commission margin')),
                ('most_pieces', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='most pieces in a sale')),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'verbose_name': 'assortment item',
                'verbose_name_plural': 'assortment items',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='BelowCostConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('price_minor', models.PositiveIntegerField(help_text='In fen.', verbose_name='lowest price')),
                ('cost_minor', models.PositiveIntegerField(help_text='In fen.', verbose_name='cost')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('agreed_at', models.DateTimeField(blank=True, null=True, verbose_name='agreed at')),
            ],
            options={
                'verbose_name': 'consent to sell below cost',
                'verbose_name_plural': 'consents to sell below cost',
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='CaptureInbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='text')),
                ('text_hash', models.CharField(editable=False, max_length=64)),
                ('at', models.DateTimeField(verbose_name='pasted at')),
            ],
            options={
                'verbose_name': 'pasted sign-up chain',
                'verbose_name_plural': 'pasted sign-up chains',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='CaptureLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('raw', models.CharField(max_length=500, verbose_name='as written')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone number')),
                ('remark', models.CharField(blank=True, max_length=100, verbose_name='remark')),
                ('items', models.JSONField(blank=True, default=dict, verbose_name='pieces by item')),
                ('problems', models.JSONField(blank=True, default=list, verbose_name='what could not be read')),
                ('state', models.CharField(choices=[('draft', 'To be confirmed'), ('confirmed', 'Ordered'), ('dropped', 'Dropped')], default='draft', editable=False, max_length=10, verbose_name='state')),
                ('order_no', models.CharField(blank=True, editable=False, max_length=32, verbose_name='order number')),
                ('decided_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='decided at')),
            ],
            options={
                'verbose_name': 'line of a pasted chain',
                'verbose_name_plural': 'lines of pasted chains',
                'ordering': ['inbox', 'position'],
            },
        ),
        migrations.CreateModel(
            name='OwnSale',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'Being written'), ('submitted', 'Handed in'), ('approved', 'Approved'), ('refused', 'Refused')], default='draft', editable=False, max_length=10, verbose_name='state')),
                ('idem_key', models.CharField(editable=False, max_length=64, unique=True)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='handed in at')),
                ('decided_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='decided at')),
                ('refused_because', models.CharField(blank=True, editable=False, max_length=200, verbose_name='refused because')),
            ],
            options={
                'verbose_name': "leader's own sale",
                'verbose_name_plural': "leaders' own sales",
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SaleSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('rule', models.CharField(default='FREQ=DAILY', help_text='As calendars write it: FREQ=DAILY, or FREQ=WEEKLY;BYDAY=MO,WE,FR. The first opening says from when and at which hour.', max_length=200, verbose_name='rule')),
                ('starts_at', models.DateTimeField(verbose_name='first opening')),
                ('sells_minutes', models.PositiveIntegerField(default=660, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(86400)], verbose_name='minutes from opening to cut-off')),
                ('pickup_after_days', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MaxValueValidator(60)], verbose_name='days from cut-off to pickup')),
                ('ahead_days', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='made so many days ahead')),
                ('schedules_them', models.BooleanField(default=True, help_text='Otherwise each copy stays a draft until somebody has looked at it.', verbose_name='waits for its opening at once')),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
                ('last_problem', models.CharField(blank=True, editable=False, max_length=300, verbose_name='last problem')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'sale schedule',
                'verbose_name_plural': 'sale schedules',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='WaitingPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('boxes', models.PositiveSmallIntegerField(default=1, verbose_name='boxes needed')),
                ('joined_at', models.DateTimeField(verbose_name='waits since')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='told of room at')),
                ('over_at', models.DateTimeField(blank=True, null=True, verbose_name='over since')),
            ],
            options={
                'verbose_name': 'place in a waiting list',
                'verbose_name_plural': 'places in waiting lists',
                'ordering': ['group', 'joined_at', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='entry',
            name='items',
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name='pieces by item'),
        ),
        migrations.AddField(
            model_name='groupbasket',
            name='tolerances',
            field=models.JSONField(blank=True, default=dict, verbose_name='more, so that a case fills, by product'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='arrival_text',
            field=models.CharField(blank=True, help_text='For example: tomorrow from 8:00. Empty: the pickup day says it.', max_length=60, verbose_name='arrival in words'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='closing_told_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='reminded of the cut-off at'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='cut_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='results fixed at'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='filled_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='full at'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='max_amount_minor',
            field=models.PositiveBigIntegerField(blank=True, help_text='In fen. The sale closes by itself once this much is paid. Empty: no end.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='most goods amount'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='max_orders',
            field=models.PositiveIntegerField(blank=True, help_text='The sale closes by itself once so many orders are paid. Empty: no end.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='most orders'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='min_order_minor',
            field=models.PositiveIntegerField(default=0, help_text='In fen. 0: none.', verbose_name='least amount of an order'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='prolonged_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='prolonged at'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='scheduled_for',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='made for'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='sharing',
            field=models.CharField(choices=[('first_come', 'Who ordered first gets all of hers'), ('proportional', 'Everybody gives up the same part'), ('fair', 'One piece after the other, so that as many as possible get some')], default='fair', max_length=12, verbose_name='who goes short'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='allows_tolerance',
            field=models.BooleanField(default=False, verbose_name='residents may take more so that a case fills'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='case_size',
            field=models.PositiveSmallIntegerField(default=1, help_text='The supplier sells whole cases; 1: single pieces.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='pieces per case'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='final_price_minor',
            field=models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name='final price'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='final_quantity',
            field=models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name='pieces bought'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='limit_per_day',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='limit per resident and day'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='limit_per_order',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='limit per order'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='minimum_quantity',
            field=models.PositiveIntegerField(default=0, help_text='0: any quantity will do.', verbose_name='quantity to form'),
        ),
        migrations.AddField(
            model_name='groupbuyitem',
            name='tiers',
            field=models.JSONField(blank=True, default=list, help_text='Everybody pays the lowest price that all pieces bought together reach.', verbose_name='prices by quantity'),
        ),
        migrations.AddField(
            model_name='leadergroup',
            name='prolonged_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='prolonged by the leader at'),
        ),
        migrations.AddField(
            model_name='leadergroup',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='changes so far'),
        ),
        migrations.AlterField(
            model_name='entry',
            name='order_no',
            field=models.CharField(db_index=True, max_length=32, verbose_name='order number'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('order_no',), name='groupbuy_entry_one_living_per_order'),
        ),
        migrations.AddConstraint(
            model_name='groupbuyitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('limit_per_order__isnull', True), ('limit_per_order__gt', 0), _connector='OR'), models.Q(('limit_per_day__isnull', True), ('limit_per_day__gt', 0), _connector='OR')), name='groupbuy_item_small_limits_positive'),
        ),
        migrations.AddConstraint(
            model_name='groupbuyitem',
            constraint=models.CheckConstraint(condition=models.Q(('case_size__gt', 0)), name='groupbuy_item_case_has_pieces'),
        ),
        migrations.AddConstraint(
            model_name='groupbuyitem',
            constraint=models.CheckConstraint(condition=models.Q(('allows_tolerance', False), ('case_size__gt', 1), _connector='OR'), name='groupbuy_item_tolerance_needs_case', violation_error_message='Residents can only take more to fill a case: say how many pieces it holds.'),
        ),
        migrations.AddConstraint(
            model_name='groupbuyitem',
            constraint=models.CheckConstraint(condition=models.Q(('quota__isnull', True), models.Q(('quota__gte', models.F('minimum_quantity')), ('quota__gte', models.F('case_size'))), _connector='OR'), name='groupbuy_item_can_form', violation_error_message='With this quota the quantity to form, or one full case, is never reached.'),
        ),
        migrations.AddConstraint(
            model_name='groupbuyitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('final_price_minor__isnull', True), ('final_quantity__isnull', True)), models.Q(('final_price_minor__gt', 0), ('final_price_minor__lte', models.F('price_minor')), ('final_quantity__isnull', False)), _connector='OR'), name='groupbuy_item_result_whole'),
        ),
        migrations.AddConstraint(
            model_name='leadergroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('minimum_kind', 'none'), ('minimum_value', 0)), models.Q(models.Q(('minimum_kind', 'none'), _negated=True), ('minimum_value__gt', 0)), _connector='OR'), name='groupbuy_group_minimum_has_value', violation_error_message='A minimum needs a number above 0, and no minimum needs none.'),
        ),
        migrations.AddField(
            model_name='assortment',
            name='leaders',
            field=models.ManyToManyField(blank=True, help_text='Nobody named: every leader may sell from it.', related_name='assortments', to=settings.AUTH_USER_MODEL, verbose_name='leaders'),
        ),
        migrations.AddField(
            model_name='assortmentitem',
            name='assortment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='groupbuy.assortment', verbose_name='assortment'),
        ),
        migrations.AddField(
            model_name='assortmentitem',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assortment_items', to='catalogue.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='assortmentitem',
            name='stockrecord',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assortment_items', to='partner.stockrecord', verbose_name='stock record'),
        ),
        migrations.AddField(
            model_name='belowcostconsent',
            name='agreed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='below_cost_agreed', to=settings.AUTH_USER_MODEL, verbose_name='agreed by'),
        ),
        migrations.AddField(
            model_name='belowcostconsent',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='below_cost_asked', to=settings.AUTH_USER_MODEL, verbose_name='asked by'),
        ),
        migrations.AddField(
            model_name='belowcostconsent',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='below_cost_consents', to='groupbuy.groupbuyitem', verbose_name='group-buy item'),
        ),
        migrations.AddField(
            model_name='captureinbox',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='captures', to='groupbuy.leadergroup', verbose_name='group'),
        ),
        migrations.AddField(
            model_name='captureinbox',
            name='pasted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='captures', to=settings.AUTH_USER_MODEL, verbose_name='pasted by'),
        ),
        migrations.AddField(
            model_name='captureline',
            name='inbox',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='groupbuy.captureinbox', verbose_name='inbox'),
        ),
        migrations.AddField(
            model_name='ownsale',
            name='assortment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='own_sales', to='groupbuy.assortment', verbose_name='assortment'),
        ),
        migrations.AddField(
            model_name='ownsale',
            name='decided_by',
            field=models.ForeignKey(blank=True, editable=False, help_text='Nobody: it kept to its assortment and was approved by itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decided_own_sales', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='ownsale',
            name='group_buy',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='own_sale', to='groupbuy.groupbuy', verbose_name='group buy'),
        ),
        migrations.AddField(
            model_name='saleschedule',
            name='template',
            field=models.ForeignKey(help_text='Its items, pickup points and texts come along, as they are on that day.', on_delete=django.db.models.deletion.PROTECT, related_name='schedules', to='groupbuy.groupbuy', verbose_name='group buy to copy'),
        ),
        migrations.AddField(
            model_name='groupbuy',
            name='schedule',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='group_buys', to='groupbuy.saleschedule', verbose_name='schedule'),
        ),
        migrations.AddConstraint(
            model_name='groupbuy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('max_orders__isnull', True), ('max_orders__gt', 0), _connector='OR'), models.Q(('max_amount_minor__isnull', True), ('max_amount_minor__gt', 0), _connector='OR')), name='groupbuy_buy_most_positive', violation_error_message='A limit is at least 1; leave it empty for none.'),
        ),
        migrations.AddConstraint(
            model_name='groupbuy',
            constraint=models.CheckConstraint(condition=models.Q(('cut_at__isnull', True), ('formed_at__isnull', False), _connector='OR'), name='groupbuy_buy_cut_after_forming'),
        ),
        migrations.AddConstraint(
            model_name='groupbuy',
            constraint=models.UniqueConstraint(fields=('schedule', 'scheduled_for'), name='groupbuy_buy_once_per_date'),
        ),
        migrations.AddField(
            model_name='waitingplace',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='groupbuy.leadergroup', verbose_name='group'),
        ),
        migrations.AddField(
            model_name='waitingplace',
            name='resident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiting_places', to=settings.AUTH_USER_MODEL, verbose_name='resident'),
        ),
        migrations.AddConstraint(
            model_name='assortmentitem',
            constraint=models.UniqueConstraint(fields=('assortment', 'product'), name='groupbuy_assortment_product_once'),
        ),
        migrations.AddConstraint(
            model_name='assortmentitem',
            constraint=models.CheckConstraint(condition=models.Q(('floor_minor__gt', 0), ('floor_minor__gte', models.F('cost_minor'))), name='groupbuy_assortment_floor_covers_cost', violation_error_message='The lowest price covers at least the cost.'),
        ),
        migrations.AddConstraint(
            model_name='assortmentitem',
            constraint=models.CheckConstraint(condition=models.Q(('ceiling_minor__gte', models.F('floor_minor'))), name='groupbuy_assortment_prices_in_order', violation_error_message='The highest price is not below the lowest.'),
        ),
        migrations.AddConstraint(
            model_name='assortmentitem',
            constraint=models.CheckConstraint(condition=models.Q(('commission_rate__gte', 0), ('commission_rate__lte', 1)), name='groupbuy_assortment_rate_sane'),
        ),
        migrations.AddConstraint(
            model_name='belowcostconsent',
            constraint=models.UniqueConstraint(fields=('item', 'price_minor', 'cost_minor'), name='groupbuy_consent_once'),
        ),
        migrations.AddConstraint(
            model_name='belowcostconsent',
            constraint=models.CheckConstraint(condition=models.Q(('price_minor__lt', models.F('cost_minor'))), name='groupbuy_consent_below_cost'),
        ),
        migrations.AddConstraint(
            model_name='belowcostconsent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', True), ('agreed_by__isnull', True)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False), models.Q(('agreed_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='groupbuy_consent_by_two', violation_error_message='A second person has to agree.'),
        ),
        migrations.AddConstraint(
            model_name='belowcostconsent',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='groupbuy_consent_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='captureinbox',
            constraint=models.UniqueConstraint(fields=('group', 'text_hash'), name='groupbuy_inbox_text_once'),
        ),
        migrations.AddConstraint(
            model_name='captureline',
            constraint=models.UniqueConstraint(fields=('inbox', 'position'), name='groupbuy_capture_position_once'),
        ),
        migrations.AddConstraint(
            model_name='captureline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), models.Q(('order_no', ''), _negated=True)), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('order_no', '')), _connector='OR'), name='groupbuy_capture_confirmed_has_order'),
        ),
        migrations.AddConstraint(
            model_name='captureline',
            constraint=models.UniqueConstraint(condition=models.Q(('order_no', ''), _negated=True), fields=('order_no',), name='groupbuy_capture_order_once'),
        ),
        migrations.AddConstraint(
            model_name='ownsale',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('refused_because', ''), _negated=True), _connector='OR'), name='groupbuy_own_refusal_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='ownsale',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(('state', 'submitted'), ('submitted_at__isnull', False)), models.Q(('decided_at__isnull', False), ('submitted_at__isnull', False)), _connector='OR'), name='groupbuy_own_decided_after_handing_in'),
        ),
        migrations.AddConstraint(
            model_name='saleschedule',
            constraint=models.CheckConstraint(condition=models.Q(('sells_minutes__gte', 1), ('sells_minutes__lte', 86400), ('ahead_days__gte', 1), ('ahead_days__lte', 60), ('pickup_after_days__lte', 60)), name='groupbuy_schedule_sane'),
        ),
        migrations.AddIndex(
            model_name='waitingplace',
            index=models.Index(condition=models.Q(('over_at__isnull', True)), fields=['group', 'joined_at'], name='groupbuy_waiting_living'),
        ),
        migrations.AddConstraint(
            model_name='waitingplace',
            constraint=models.UniqueConstraint(condition=models.Q(('over_at__isnull', True)), fields=('group', 'resident'), name='groupbuy_waiting_once'),
        ),
        migrations.AddConstraint(
            model_name='waitingplace',
            constraint=models.CheckConstraint(condition=models.Q(('boxes__gt', 0)), name='groupbuy_waiting_needs_room'),
        ),
    ]
