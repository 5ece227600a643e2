"""The database itself keeps the books: triggers refuse what the ledger must never do."""

from __future__ import annotations

from django.db import migrations

HEADER = "payments_journaltransaction"
LEG = "payments_journalentry"

# Every refusal is an integrity error on both databases (SQLSTATE 23514, SQLITE_CONSTRAINT).
# SQLite's REPLACE deletes rows without firing their triggers, hence the *_replaced guards.
SQLITE = {
    "journal_header_opened": f"""
        BEFORE INSERT ON {HEADER} WHEN NEW.posted
        BEGIN SELECT RAISE(ABORT, 'ledger: a journal is posted only after its legs'); END""",
    "journal_header_replaced": f"""
        BEFORE INSERT ON {HEADER}
        WHEN EXISTS (SELECT 1 FROM {HEADER} WHERE id = NEW.id OR ref = NEW.ref)
        BEGIN SELECT RAISE(ABORT, 'ledger: this business event is already in the books'); END""",
    "journal_header_changed": f"""
        BEFORE UPDATE ON {HEADER}
        WHEN OLD.posted OR NOT NEW.posted OR NEW.id <> OLD.id OR NEW.ref <> OLD.ref
          OR NEW.kind <> OLD.kind OR NEW.business_date <> OLD.business_date
          OR NEW.created_at <> OLD.created_at OR NEW.memo <> OLD.memo
        BEGIN SELECT RAISE(ABORT, 'ledger: a journal can only be posted, once'); END""",
    "journal_header_posted": f"""
        BEFORE UPDATE ON {HEADER} WHEN NOT OLD.posted AND NEW.posted
        BEGIN
          SELECT RAISE(ABORT, 'ledger: a journal has two legs or more')
          WHERE (SELECT COUNT(*) FROM {LEG} WHERE transaction_id = NEW.id) < 2;
          SELECT RAISE(ABORT, 'ledger: the legs of a journal balance in each currency')
          WHERE EXISTS (SELECT 1 FROM {LEG} WHERE transaction_id = NEW.id
                        GROUP BY currency HAVING SUM(amount_minor) <> 0);
        END""",
    "journal_header_deleted": f"""
        BEFORE DELETE ON {HEADER}
        BEGIN SELECT RAISE(ABORT, 'ledger: a journal is never deleted'); END""",
    "journal_leg_added": f"""
        BEFORE INSERT ON {LEG}
        WHEN NOT EXISTS (SELECT 1 FROM {HEADER} WHERE id = NEW.transaction_id AND NOT posted)
        BEGIN SELECT RAISE(ABORT, 'ledger: legs are added only to an open journal'); END""",
    "journal_leg_replaced": f"""
        BEFORE INSERT ON {LEG} WHEN EXISTS (SELECT 1 FROM {LEG} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'ledger: a leg is never changed'); END""",
    "journal_leg_changed": f"""
        BEFORE UPDATE ON {LEG}
        BEGIN SELECT RAISE(ABORT, 'ledger: a leg is never changed'); END""",
    "journal_leg_deleted": f"""
        BEFORE DELETE ON {LEG}
        BEGIN SELECT RAISE(ABORT, 'ledger: a leg is never deleted'); END""",
}

POSTGRESQL_FUNCTIONS = {
    "linli_journal_header_opened": """
        BEGIN
          IF NEW.posted THEN
            RAISE EXCEPTION 'ledger: a journal is posted only after its legs' USING ERRCODE = '23514';
          END IF;
          RETURN NEW;
        END""",
    "linli_journal_header_changed": f"""
        BEGIN
          IF OLD.posted OR NOT NEW.posted
             OR (NEW.id, NEW.ref, NEW.kind, NEW.business_date, NEW.created_at, NEW.memo)
                IS DISTINCT FROM
                (OLD.id, OLD.ref, OLD.kind, OLD.business_date, OLD.created_at, OLD.memo) THEN
            RAISE EXCEPTION 'ledger: a journal can only be posted, once' USING ERRCODE = '23514';
          END IF;
          IF (SELECT COUNT(*) FROM {LEG} WHERE transaction_id = NEW.id) < 2 THEN
            RAISE EXCEPTION 'ledger: a journal has two legs or more' USING ERRCODE = '23514';
          END IF;
          IF EXISTS (SELECT 1 FROM {LEG} WHERE transaction_id = NEW.id
                     GROUP BY currency HAVING SUM(amount_minor) <> 0) THEN
            RAISE EXCEPTION 'ledger: the legs of a journal balance in each currency'
              USING ERRCODE = '23514';
          END IF;
          RETURN NEW;
        END""",
    "linli_journal_leg_added": f"""
        BEGIN
          IF NOT EXISTS (SELECT 1 FROM {HEADER} WHERE id = NEW.transaction_id AND NOT posted) THEN
            RAISE EXCEPTION 'ledger: legs are added only to an open journal' USING ERRCODE = '23514';
          END IF;
          RETURN NEW;
        END""",
    "linli_journal_kept": """
        BEGIN
          RAISE EXCEPTION 'ledger: % of % is refused, the books only grow', TG_OP, TG_TABLE_NAME
            USING ERRCODE = '23514';
        END""",
    # A database that is thrown away anyway may say so: SET linli.ledger_may_be_emptied = 'on'.
    "linli_journal_not_emptied": """
        BEGIN
          IF COALESCE(current_setting('linli.ledger_may_be_emptied', true), '') <> 'on' THEN
            RAISE EXCEPTION 'ledger: the books are never emptied' USING ERRCODE = '23514';
          END IF;
          RETURN NULL;
        END""",
    "linli_journal_left_open": f"""
        BEGIN
          IF EXISTS (SELECT 1 FROM {HEADER} WHERE id = NEW.id AND NOT posted) THEN
            RAISE EXCEPTION 'ledger: a journal is not left open' USING ERRCODE = '23514';
          END IF;
          RETURN NULL;
        END""",
}

POSTGRESQL = {
    "journal_header_opened": f"""CREATE TRIGGER journal_header_opened BEFORE INSERT ON {HEADER}
        FOR EACH ROW EXECUTE FUNCTION linli_journal_header_opened()""",
    "journal_header_changed": f"""CREATE TRIGGER journal_header_changed BEFORE UPDATE ON {HEADER}
        FOR EACH ROW EXECUTE FUNCTION linli_journal_header_changed()""",
    "journal_header_deleted": f"""CREATE TRIGGER journal_header_deleted BEFORE DELETE ON {HEADER}
        FOR EACH ROW EXECUTE FUNCTION linli_journal_kept()""",
    "journal_header_emptied": f"""CREATE TRIGGER journal_header_emptied BEFORE TRUNCATE ON {HEADER}
        FOR EACH STATEMENT EXECUTE FUNCTION linli_journal_not_emptied()""",
    "journal_header_left_open": f"""CREATE CONSTRAINT TRIGGER journal_header_left_open
        AFTER INSERT ON {HEADER} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION linli_journal_left_open()""",
    "journal_leg_added": f"""CREATE TRIGGER journal_leg_added BEFORE INSERT ON {LEG}
        FOR EACH ROW EXECUTE FUNCTION linli_journal_leg_added()""",
    "journal_leg_changed": f"""CREATE TRIGGER journal_leg_changed BEFORE UPDATE OR DELETE ON {LEG}
        FOR EACH ROW EXECUTE FUNCTION linli_journal_kept()""",
    "journal_leg_emptied": f"""CREATE TRIGGER journal_leg_emptied BEFORE TRUNCATE ON {LEG}
        FOR EACH STATEMENT EXECUTE FUNCTION linli_journal_not_emptied()""",
}


def install(apps, schema_editor) -> None:
    """Put the guards on the two tables of the books."""
    if schema_editor.connection.vendor == "sqlite":
        for name, body in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        schema_editor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$",
            params=None,
        )
    for statement in POSTGRESQL.values():
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor) -> None:
    """Take the guards away again (only ever on the way back to an empty house)."""
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER {name}")
        return
    for name in POSTGRESQL_FUNCTIONS:
        schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
