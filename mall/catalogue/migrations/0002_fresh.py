"""What fresh goods need: price and cost history, deals, batches, favourites, search, stars."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import mall.catalogue.paper_store
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Oscar's row says itself when it was written: the clock of the program, which may be ahead.
_WRITE_DOWN = """
INSERT INTO mall_catalogue_pricechange (stockrecord_id, what, minor, at, by_id)
VALUES (NEW.id, 'price', {fen}, NEW.date_updated, NULL);
"""
_SO_FAR = """
INSERT INTO mall_catalogue_pricechange (stockrecord_id, what, minor, at, by_id)
SELECT id, 'price', {fen}, date_updated, NULL FROM partner_stockrecord WHERE price IS NOT NULL
"""
_SQLITE_FEN = "CAST(ROUND({price} * 100) AS INTEGER)"
_POSTGRES_FEN = "ROUND({price} * 100)::bigint"


def watch_prices(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write down every price from now on, and those there are."""
    if schema_editor.connection.vendor == "sqlite":
        written = _WRITE_DOWN.format(fen=_SQLITE_FEN.format(price="NEW.price"))
        for event, when in (
            ("INSERT", "NEW.price IS NOT NULL"),
            ("UPDATE", "NEW.price IS NOT NULL AND NEW.price IS NOT OLD.price"),
        ):
            schema_editor.execute(
                f"CREATE TRIGGER mall_catalogue_price_{event.lower()} AFTER {event} "
                f"ON partner_stockrecord WHEN {when} BEGIN {written} END"
            )
        schema_editor.execute(_SO_FAR.format(fen=_SQLITE_FEN.format(price="price")))
        return
    written = _WRITE_DOWN.format(fen=_POSTGRES_FEN.format(price="NEW.price"))
    schema_editor.execute(
        "CREATE FUNCTION mall_catalogue_price_written() RETURNS trigger AS $$ "
        f"BEGIN {written} RETURN NULL; END $$ LANGUAGE plpgsql"
    )
    for event, when in (
        ("INSERT", "NEW.price IS NOT NULL"),
        ("UPDATE", "NEW.price IS NOT NULL AND NEW.price IS DISTINCT FROM OLD.price"),
    ):
        schema_editor.execute(
            f"CREATE TRIGGER mall_catalogue_price_{event.lower()} AFTER {event} "
            f"ON partner_stockrecord FOR EACH ROW WHEN ({when}) "
            "EXECUTE FUNCTION mall_catalogue_price_written()"
        )
    schema_editor.execute(_SO_FAR.format(fen=_POSTGRES_FEN.format(price="price")))


def unwatch_prices(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the watch away."""
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for event in ("insert", "update"):
        on_table = "" if is_sqlite else " ON partner_stockrecord"
        schema_editor.execute(f"DROP TRIGGER mall_catalogue_price_{event}{on_table}")
    if not is_sqlite:
        schema_editor.execute("DROP FUNCTION mall_catalogue_price_written()")


class Migration(migrations.Migration):
    """A trigger writes down prices: the table is Oscar's, and its dashboard changes it too."""

    dependencies = [
        ("mall_catalogue", "0001_initial"),
        ("catalogue", "0032_category_exclude_from_menu_category_long_description"),
        ("partner", "0007_partneraddress_code"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch_no', models.CharField(max_length=40, verbose_name='batch number')),
                ('origin', models.CharField(blank=True, help_text='Empty: as the product says.', max_length=60, verbose_name='origin')),
                ('harvested_on', models.DateField(blank=True, null=True, verbose_name='harvested on')),
                ('produced_on', models.DateField(blank=True, null=True, verbose_name='produced on')),
                ('best_before', models.DateField(blank=True, null=True, verbose_name='best before')),
                ('certificate', models.FileField(blank=True, help_text='Proof of origin or quarantine: a PDF or a picture.', max_length=120, storage=mall.catalogue.paper_store.PaperStorage(), upload_to=mall.catalogue.paper_store.paper_path, verbose_name='certificate')),
                ('report', models.FileField(blank=True, help_text='A PDF or a picture.', max_length=120, storage=mall.catalogue.paper_store.PaperStorage(), upload_to=mall.catalogue.paper_store.paper_path, verbose_name='inspection report')),
                ('report_no', models.CharField(blank=True, max_length=60, verbose_name='report number')),
                ('report_by', models.CharField(blank=True, max_length=80, verbose_name='inspected by')),
                ('reported_on', models.DateField(blank=True, null=True, verbose_name='report of')),
                ('report_valid_until', models.DateField(blank=True, help_text='After this day the product is not sold until a newer report is here.', null=True, verbose_name='report valid until')),
                ('is_current', models.BooleanField(default=False, editable=False, verbose_name='current')),
                ('is_recalled', models.BooleanField(default=False, editable=False, verbose_name='recalled')),
                ('recalled_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='recalled at')),
                ('recall_reason', models.CharField(blank=True, editable=False, max_length=200, verbose_name='why recalled')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
            ],
            options={
                'verbose_name': 'batch',
                'verbose_name_plural': 'batches',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Deal',
            fields=[
                ('line_id', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='order line')),
                ('order_no', models.CharField(max_length=20, verbose_name='order number')),
                ('day', models.DateField(verbose_name='day')),
                ('unit_minor', models.PositiveBigIntegerField(verbose_name='price (fen)')),
                ('pieces', models.PositiveIntegerField(verbose_name='pieces')),
            ],
            options={
                'verbose_name': 'deal',
                'verbose_name_plural': 'deals',
                'ordering': ['-day', '-line_id'],
            },
        ),
        migrations.CreateModel(
            name='DealDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('lowest_minor', models.PositiveBigIntegerField(verbose_name='lowest price (fen)')),
                ('highest_minor', models.PositiveBigIntegerField(verbose_name='highest price (fen)')),
                ('pieces', models.PositiveIntegerField(verbose_name='pieces')),
            ],
            options={
                'verbose_name': 'deals of a day',
                'verbose_name_plural': 'deals by day',
                'ordering': ['-day', 'product'],
            },
        ),
        migrations.CreateModel(
            name='Favourite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'favourite',
                'verbose_name_plural': 'favourites',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PriceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('price', 'Price'), ('cost', 'Cost')], max_length=5, verbose_name='figure')),
                ('minor', models.PositiveBigIntegerField(verbose_name='amount (fen)')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'change of price or cost',
                'verbose_name_plural': 'changes of price and cost',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ProductRating',
            fields=[
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='rating_of_residents', serialize=False, to='catalogue.product', verbose_name='product')),
                ('reviews', models.PositiveIntegerField(default=0, verbose_name='reviews')),
                ('stars', models.PositiveIntegerField(default=0, verbose_name='stars in all')),
            ],
            options={
                'verbose_name': 'stars of a product',
                'verbose_name_plural': 'stars of products',
            },
        ),
        migrations.CreateModel(
            name='SearchedWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=20, verbose_name='word')),
                ('day', models.DateField(verbose_name='day')),
                ('searcher', models.CharField(max_length=32, verbose_name='searcher')),
            ],
            options={
                'verbose_name': 'searched word',
                'verbose_name_plural': 'searched words',
            },
        ),
        migrations.CreateModel(
            name='SearchTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.CharField(max_length=24, verbose_name='term')),
                ('weight', models.PositiveSmallIntegerField(verbose_name='weight')),
            ],
            options={
                'verbose_name': 'search term',
                'verbose_name_plural': 'search terms',
            },
        ),
        migrations.CreateModel(
            name='StockCost',
            fields=[
                ('stockrecord', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='cost', serialize=False, to='partner.stockrecord', verbose_name='stock record')),
                ('cost_minor', models.PositiveIntegerField(verbose_name='cost (fen)')),
                ('changed_at', models.DateTimeField(verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'cost',
                'verbose_name_plural': 'costs',
            },
        ),
        migrations.AddField(
            model_name='productextra',
            name='allergens',
            field=models.CharField(blank=True, help_text='For example: wheat, milk, peanuts.', max_length=120, verbose_name='allergens'),
        ),
        migrations.AddField(
            model_name='productextra',
            name='keeping',
            field=models.CharField(blank=True, help_text='How to keep and use it at home, in a sentence.', max_length=200, verbose_name='keeping advice'),
        ),
        migrations.AddField(
            model_name='productextra',
            name='keywords',
            field=models.CharField(blank=True, help_text='Other names it is searched by, with spaces between them.', max_length=120, verbose_name='also called'),
        ),
        migrations.AddField(
            model_name='productextra',
            name='organic_certificate',
            field=models.CharField(blank=True, help_text='Goods are called organic only with one.', max_length=40, verbose_name='organic certificate number'),
        ),
        migrations.AddField(
            model_name='productextra',
            name='pieces_per_box',
            field=models.PositiveSmallIntegerField(blank=True, help_text='How many fill one box at a pickup point. Empty: it takes no room.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='pieces per box'),
        ),
        migrations.AddField(
            model_name='productextra',
            name='producer',
            field=models.CharField(blank=True, help_text='The farm, ship or workshop, as residents shall read it.', max_length=80, verbose_name='producer'),
        ),
        migrations.AddField(
            model_name='productextra',
            name='weight_tolerance_percent',
            field=models.PositiveSmallIntegerField(default=10, help_text='For weighed goods: how much heavier than ordered a piece may be given out.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name="heavier at the mall's cost (%)"),
        ),
        migrations.AddConstraint(
            model_name='productextra',
            constraint=models.CheckConstraint(condition=models.Q(('pieces_per_box__isnull', True), ('pieces_per_box__gt', 0), _connector='OR'), name='mall_catalogue_extra_box_holds_something', violation_error_message='A box holds at least one piece.'),
        ),
        migrations.AddField(
            model_name='batch',
            name='created_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
        ),
        migrations.AddField(
            model_name='batch',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='catalogue.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='batch',
            name='supplier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='partner.partner', verbose_name='supplier'),
        ),
        migrations.AddField(
            model_name='deal',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deals', to='catalogue.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='dealday',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deal_days', to='catalogue.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='favourite',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='favourites', to='catalogue.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='favourite',
            name='resident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='favourites', to=settings.AUTH_USER_MODEL, verbose_name='resident'),
        ),
        migrations.AddField(
            model_name='pricechange',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='pricechange',
            name='stockrecord',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_changes', to='partner.stockrecord', verbose_name='stock record'),
        ),
        migrations.AddConstraint(
            model_name='productrating',
            constraint=models.CheckConstraint(condition=models.Q(('stars__gte', models.F('reviews')), ('stars__lte', django.db.models.expressions.CombinedExpression(models.F('reviews'), '*', models.Value(5)))), name='mall_catalogue_rating_one_to_five'),
        ),
        migrations.AddConstraint(
            model_name='searchedword',
            constraint=models.UniqueConstraint(fields=('day', 'word', 'searcher'), name='mall_catalogue_searchedword_once'),
        ),
        migrations.AddField(
            model_name='searchterm',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='search_terms', to='catalogue.product', verbose_name='product'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['report_valid_until'], name='mall_catalogue_batch_report'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['best_before'], name='mall_catalogue_batch_before'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('product', 'supplier', 'batch_no'), name='mall_catalogue_batch_number_once', violation_error_message='This supplier has a batch of that number already.'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('product',), name='mall_catalogue_batch_one_current'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('best_before__isnull', True), models.Q(models.Q(('produced_on__isnull', True), ('best_before__gte', models.F('produced_on')), _connector='OR'), models.Q(('harvested_on__isnull', True), ('best_before__gte', models.F('harvested_on')), _connector='OR')), _connector='OR'), name='mall_catalogue_batch_dates_in_order', violation_error_message='It cannot spoil before it was made.'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_recalled', False), ('recalled_at__isnull', True)), models.Q(('is_recalled', True), ('recalled_at__isnull', False)), _connector='OR'), name='mall_catalogue_batch_recall_has_time'),
        ),
        migrations.AddIndex(
            model_name='deal',
            index=models.Index(fields=['product', 'day', 'unit_minor'], name='mall_catalogue_deals'),
        ),
        migrations.AddConstraint(
            model_name='dealday',
            constraint=models.UniqueConstraint(fields=('product', 'day'), name='mall_catalogue_dealday_once'),
        ),
        migrations.AddConstraint(
            model_name='dealday',
            constraint=models.CheckConstraint(condition=models.Q(('lowest_minor__lte', models.F('highest_minor'))), name='mall_catalogue_dealday_in_order'),
        ),
        migrations.AddConstraint(
            model_name='favourite',
            constraint=models.UniqueConstraint(fields=('resident', 'product'), name='mall_catalogue_favourite_once'),
        ),
        migrations.AddIndex(
            model_name='pricechange',
            index=models.Index(fields=['stockrecord', 'what', '-at'], name='mall_catalogue_changes'),
        ),
        migrations.AddConstraint(
            model_name='searchterm',
            constraint=models.UniqueConstraint(fields=('term', 'product'), name='mall_catalogue_searchterm_once'),
        ),
        migrations.AddField(
            model_name="productextra",
            name="found_beside",
            field=models.TextField(blank=True, editable=False, verbose_name="found beside its name"),
        ),
        migrations.RunPython(watch_prices, unwatch_prices),
    ]
