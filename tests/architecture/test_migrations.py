"""The tables are what the models say."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree():
    wanted = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=wanted)
    except SystemExit:
        pytest.fail(f"makemigrations has something to do:\n{wanted.getvalue()}")

    assert "No changes detected" in wanted.getvalue()


@pytest.mark.django_db
def test_the_database_of_the_tests_was_made_by_the_real_migrations():
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert len(executor.loader.applied_migrations) > 100
