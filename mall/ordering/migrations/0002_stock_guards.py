"""Back the stock keeper in the database: never more allocated than there is in stock."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_WRONG = "NEW.num_allocated > NEW.num_in_stock OR NEW.num_allocated < 0 OR NEW.num_in_stock < 0"

_SQLITE = f"""
CREATE TRIGGER ordering_stock_within_what_there_is_{{event}}
BEFORE {{event}} ON partner_stockrecord
WHEN {_WRONG}
BEGIN
    SELECT RAISE(ABORT, 'ordering_stock_within_what_there_is');
END
"""

_POSTGRES_FUNCTION = f"""
CREATE FUNCTION ordering_stock_within_what_there_is() RETURNS trigger AS $$
BEGIN
    IF {_WRONG} THEN
        RAISE EXCEPTION 'ordering_stock_within_what_there_is' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql
"""

_POSTGRES_TRIGGER = """
CREATE TRIGGER ordering_stock_within_what_there_is
BEFORE INSERT OR UPDATE ON partner_stockrecord
FOR EACH ROW EXECUTE FUNCTION ordering_stock_within_what_there_is()
"""


def guard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the guard up."""
    if schema_editor.connection.vendor == "sqlite":
        for event in ("INSERT", "UPDATE"):
            schema_editor.execute(_SQLITE.format(event=event))
    else:
        schema_editor.execute(_POSTGRES_FUNCTION)
        schema_editor.execute(_POSTGRES_TRIGGER)


def unguard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the guard down."""
    if schema_editor.connection.vendor == "sqlite":
        for event in ("INSERT", "UPDATE"):
            schema_editor.execute(f"DROP TRIGGER ordering_stock_within_what_there_is_{event}")
    else:
        schema_editor.execute(
            "DROP TRIGGER ordering_stock_within_what_there_is ON partner_stockrecord"
        )
        schema_editor.execute("DROP FUNCTION ordering_stock_within_what_there_is()")


class Migration(migrations.Migration):
    """Triggers, because the table is Oscar's and a check constraint would be its model's."""

    dependencies = [
        ("ordering", "0001_initial"),
        ("partner", "0007_partneraddress_code"),
    ]

    operations = [migrations.RunPython(guard, unguard)]
