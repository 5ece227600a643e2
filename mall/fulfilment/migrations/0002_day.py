"""The day's work: routes, deliveries, counts, shortages and sorting."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

import mall.fulfilment.models.deliveries


def tell_old_arrivals(apps, _schema_editor):
    """Arrivals counted in before this were told at once."""
    arrivals = apps.get_model("fulfilment", "Arrival").objects
    arrivals.filter(finished_at=None).update(finished_at=F("received_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("fulfilment", "0001_initial"),
        ("groupbuy", "0002_whole"),
        ("ordering", "0005_changes"),
        ("pickup", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ArrivalCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('before', models.PositiveIntegerField(verbose_name='counted before')),
                ('received', models.PositiveIntegerField(verbose_name='counted now')),
                ('surplus', models.PositiveIntegerField(default=0, verbose_name='not handed out')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'count set right',
                'verbose_name_plural': 'counts set right',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ArrivalPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('photo', models.ImageField(max_length=120, upload_to='arrivals/%Y/%m', verbose_name='photo')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'photo of a difference',
                'verbose_name_plural': 'photos of differences',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pickup_on', models.DateField(verbose_name='pickup day')),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('dispatched', 'On its way'), ('delivered', 'Delivered')], default='planned', max_length=10, verbose_name='status')),
                ('driver_name', models.CharField(blank=True, max_length=40, verbose_name='driver')),
                ('driver_phone', models.CharField(blank=True, max_length=20, verbose_name="driver's phone")),
                ('vehicle', models.CharField(blank=True, max_length=40, verbose_name='vehicle')),
                ('token', models.CharField(default=mall.fulfilment.models.deliveries.new_delivery_token, editable=False, max_length=43, unique=True, verbose_name="driver's link")),
                ('planned_at', models.DateTimeField(verbose_name='planned at')),
                ('asked_at', models.DateTimeField(blank=True, null=True, verbose_name='to be sent since')),
                ('problem', models.CharField(blank=True, max_length=200, verbose_name='what is in the way')),
                ('dispatched_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='delivered at')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'ordering': ['-pickup_on', 'route__name'],
            },
        ),
        migrations.CreateModel(
            name='DeliveryStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pickup_on', models.DateField(verbose_name='pickup day')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('is_on_no_route', models.BooleanField(default=False, verbose_name='on no route')),
                ('pieces', models.PositiveIntegerField(default=0, verbose_name='pieces')),
                ('cold_pieces', models.PositiveIntegerField(default=0, verbose_name='of them cold')),
                ('boxes', models.PositiveIntegerField(default=0, verbose_name='boxes')),
                ('cold_boxes', models.PositiveIntegerField(default=0, verbose_name='cold boxes')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='delivered at')),
                ('photo', models.ImageField(blank=True, max_length=120, upload_to='deliveries/%Y/%m', verbose_name='photo')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
            ],
            options={
                'verbose_name': 'stop',
                'verbose_name_plural': 'stops',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PackedBag',
            fields=[
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='packed', serialize=False, to='ordering.orderfulfilment', verbose_name='order')),
                ('is_done', models.BooleanField(default=True, verbose_name='done')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'bag on the shelf',
                'verbose_name_plural': 'bags on the shelf',
            },
        ),
        migrations.CreateModel(
            name='Route',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('driver_name', models.CharField(max_length=40, verbose_name='driver')),
                ('driver_phone', models.CharField(max_length=20, verbose_name="driver's phone")),
                ('vehicle', models.CharField(blank=True, help_text='Number plate, or what it looks like.', max_length=40, verbose_name='vehicle')),
                ('is_default', models.BooleanField(default=False, help_text='One route takes the pickup points nobody has put on a route.', verbose_name='takes points of no route')),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'verbose_name': 'route',
                'verbose_name_plural': 'routes',
                'ordering': ['name'],
                'permissions': [('dispatch_route', 'Can dispatch deliveries')],
            },
        ),
        migrations.CreateModel(
            name='RouteStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
            ],
            options={
                'verbose_name': 'stop',
                'verbose_name_plural': 'stops',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Shelf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pickup_on', models.DateField(verbose_name='pickup day')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
            ],
            options={
                'verbose_name': 'place on the shelf',
                'verbose_name_plural': 'places on the shelf',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Shortage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(help_text="A group's arrival, a supplier's answer, a count set right.", max_length=40, verbose_name='where it came to light')),
                ('rule', models.CharField(choices=[('first_come', 'Who ordered first gets all of hers'), ('proportional', 'Everybody gives up the same part'), ('fair', 'One piece after the other, so that as many as possible get some')], max_length=12, verbose_name='who goes short')),
                ('due', models.PositiveIntegerField(verbose_name='pieces ordered')),
                ('available', models.PositiveIntegerField(verbose_name='pieces there')),
                ('decided_at', models.DateTimeField(verbose_name='decided at')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='all refunds promised at')),
            ],
            options={
                'verbose_name': 'shortage',
                'verbose_name_plural': 'shortages',
                'ordering': ['-decided_at', '-pk'],
                'permissions': [('share_shortage', 'Can share out what suppliers are short of')],
            },
        ),
        migrations.CreateModel(
            name='ShortageShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due', models.PositiveIntegerField(verbose_name='pieces ordered')),
                ('got', models.PositiveIntegerField(verbose_name='pieces she gets')),
                ('refund_no', models.CharField(blank=True, max_length=32, verbose_name='refund')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='refund promised at')),
            ],
            options={
                'verbose_name': 'part of what is there',
                'verbose_name_plural': 'parts of what is there',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='SortedLine',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='sorting', serialize=False, to='ordering.linefulfilment', verbose_name='line')),
                ('is_in', models.BooleanField(default=True, verbose_name='in the bag')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'line in a bag',
                'verbose_name_plural': 'lines in bags',
            },
        ),
        migrations.CreateModel(
            name='SortingReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('missing', models.PositiveIntegerField(verbose_name='pieces missing or spoilt')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('photo', models.ImageField(blank=True, max_length=120, upload_to='sorting/%Y/%m', verbose_name='photo')),
                ('wish', models.CharField(max_length=40, verbose_name='wish')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled at')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='answer')),
            ],
            options={
                'verbose_name': 'report from sorting',
                'verbose_name_plural': 'reports from sorting',
                'ordering': ['settled_at', '-at'],
            },
        ),
        migrations.AddField(
            model_name='arrival',
            name='finished_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='neighbours told at'),
        ),
        migrations.AddField(
            model_name='arrival',
            name='note',
            field=models.CharField(blank=True, max_length=300, verbose_name='note'),
        ),
        migrations.AddField(
            model_name='arrival',
            name='signer',
            field=models.CharField(blank=True, max_length=40, verbose_name='signed by'),
        ),
        migrations.AddField(
            model_name='arrivalline',
            name='damaged',
            field=models.PositiveIntegerField(default=0, verbose_name='damaged'),
        ),
        migrations.AddField(
            model_name='arrivalline',
            name='surplus',
            field=models.PositiveIntegerField(default=0, verbose_name='more than ordered'),
        ),
        migrations.AddIndex(
            model_name='arrival',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['received_at'], name='fulfilment_arrival_to_finish'),
        ),
        migrations.AddConstraint(
            model_name='arrivalline',
            constraint=models.CheckConstraint(condition=models.Q(('received__lte', models.F('expected')), models.Q(('surplus', 0), ('received', models.F('expected')), _connector='OR')), name='fulfilment_arrivalline_surplus_is_beyond'),
        ),
        migrations.AddField(
            model_name='arrivalcorrection',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='arrival_corrections', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='arrivalcorrection',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='fulfilment.arrivalline', verbose_name='item received'),
        ),
        migrations.AddField(
            model_name='arrivalphoto',
            name='arrival',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='fulfilment.arrival', verbose_name='arrival'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries_asked', to=settings.AUTH_USER_MODEL, verbose_name='sent by'),
        ),
        migrations.AddField(
            model_name='deliverystop',
            name='delivery',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops', to='fulfilment.delivery', verbose_name='delivery'),
        ),
        migrations.AddField(
            model_name='deliverystop',
            name='pickup_point',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delivery_stops', to='pickup.pickuppoint', verbose_name='pickup point'),
        ),
        migrations.AddField(
            model_name='packedbag',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bags_packed', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddConstraint(
            model_name='route',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='fulfilment_route_one_default', violation_error_message='Another route takes the points of no route already.'),
        ),
        migrations.AddConstraint(
            model_name='route',
            constraint=models.CheckConstraint(condition=models.Q(('is_default', False), ('active', True), _connector='OR'), name='fulfilment_route_default_in_use', violation_error_message='The route for points of no route must be in use.'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='route',
            field=models.ForeignKey(blank=True, help_text='Empty: points on no route, and no route takes such points.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='fulfilment.route', verbose_name='route'),
        ),
        migrations.AddField(
            model_name='routestop',
            name='pickup_point',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='route_stop', to='pickup.pickuppoint', verbose_name='pickup point'),
        ),
        migrations.AddField(
            model_name='routestop',
            name='route',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops', to='fulfilment.route', verbose_name='route'),
        ),
        migrations.AddField(
            model_name='shelf',
            name='pickup_point',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shelves', to='pickup.pickuppoint', verbose_name='point'),
        ),
        migrations.AddField(
            model_name='shelf',
            name='resident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shelves', to=settings.AUTH_USER_MODEL, verbose_name='resident'),
        ),
        migrations.AddField(
            model_name='shortage',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shortages_decided', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='shortage',
            name='group',
            field=models.ForeignKey(blank=True, help_text='Empty: all groups of the group buy share it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shortages', to='groupbuy.leadergroup', verbose_name='group'),
        ),
        migrations.AddField(
            model_name='shortage',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shortages', to='groupbuy.groupbuyitem', verbose_name='item'),
        ),
        migrations.AddField(
            model_name='shortageshare',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shortages', to='ordering.linefulfilment', verbose_name='line'),
        ),
        migrations.AddField(
            model_name='shortageshare',
            name='shortage',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='fulfilment.shortage', verbose_name='shortage'),
        ),
        migrations.AddField(
            model_name='sortedline',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines_sorted', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='sortingreport',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sorting_reports', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='sortingreport',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sorting_reports', to='groupbuy.leadergroup', verbose_name='group'),
        ),
        migrations.AddField(
            model_name='sortingreport',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sorting_reports', to='groupbuy.groupbuyitem', verbose_name='item'),
        ),
        migrations.AddField(
            model_name='sortingreport',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sorting_reports_settled', to=settings.AUTH_USER_MODEL, verbose_name='settled by'),
        ),
        migrations.AddConstraint(
            model_name='arrivalcorrection',
            constraint=models.UniqueConstraint(fields=('line', 'number'), name='fulfilment_correction_one_after_the_other'),
        ),
        migrations.AddConstraint(
            model_name='arrivalcorrection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('received', models.F('before')), _negated=True)), name='fulfilment_correction_says_why'),
        ),
        migrations.AddConstraint(
            model_name='deliverystop',
            constraint=models.UniqueConstraint(fields=('pickup_point', 'pickup_on'), name='fulfilment_stop_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='deliverystop',
            constraint=models.CheckConstraint(condition=models.Q(('cold_pieces__lte', models.F('pieces')), ('cold_boxes__lte', models.F('boxes'))), name='fulfilment_stop_cold_is_part'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status', 'planned')), fields=['asked_at'], name='fulfilment_delivery_asked'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('route', 'pickup_on'), name='fulfilment_delivery_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('route', None)), fields=('pickup_on',), name='fulfilment_delivery_one_without_route'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('dispatched_at', None), ('status', 'planned')), ('dispatched_at__isnull', False), _connector='OR'), models.Q(models.Q(('delivered_at__isnull', False), ('status', 'delivered')), models.Q(models.Q(('status', 'delivered'), _negated=True), ('delivered_at', None)), _connector='OR')), name='fulfilment_delivery_times_fit_status'),
        ),
        migrations.AddConstraint(
            model_name='shelf',
            constraint=models.UniqueConstraint(fields=('pickup_point', 'pickup_on', 'number'), name='fulfilment_shelf_number_once'),
        ),
        migrations.AddConstraint(
            model_name='shelf',
            constraint=models.UniqueConstraint(fields=('pickup_point', 'pickup_on', 'resident'), name='fulfilment_shelf_resident_once'),
        ),
        migrations.AddConstraint(
            model_name='shelf',
            constraint=models.CheckConstraint(condition=models.Q(('number__gt', 0)), name='fulfilment_shelf_from_one'),
        ),
        migrations.AddIndex(
            model_name='shortage',
            index=models.Index(condition=models.Q(('settled_at', None)), fields=['decided_at'], name='fulfilment_shortage_to_settle'),
        ),
        migrations.AddConstraint(
            model_name='shortage',
            constraint=models.UniqueConstraint(fields=('source', 'item'), name='fulfilment_shortage_once'),
        ),
        migrations.AddConstraint(
            model_name='shortage',
            constraint=models.CheckConstraint(condition=models.Q(('available__lt', models.F('due'))), name='fulfilment_shortage_is_short'),
        ),
        migrations.AddConstraint(
            model_name='shortageshare',
            constraint=models.UniqueConstraint(fields=('shortage', 'line'), name='fulfilment_share_once_per_line'),
        ),
        migrations.AddConstraint(
            model_name='shortageshare',
            constraint=models.CheckConstraint(condition=models.Q(('got__lte', models.F('due'))), name='fulfilment_share_at_most'),
        ),
        migrations.AddConstraint(
            model_name='sortingreport',
            constraint=models.UniqueConstraint(fields=('group', 'wish'), name='fulfilment_report_once'),
        ),
        migrations.AddConstraint(
            model_name='sortingreport',
            constraint=models.CheckConstraint(condition=models.Q(('missing__gt', 0)), name='fulfilment_report_of_some'),
        ),
        migrations.RunPython(tell_old_arrivals, migrations.RunPython.noop),
    ]
