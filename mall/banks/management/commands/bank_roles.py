"""`manage.py bank_roles`: make the groups that a bank's people are given, with their rights."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mall.banks.roles import ensure_roles


class Command(BaseCommand):
    """Safe to run again: the groups are brought up to date."""

    help = "Make the groups of a bank's people: viewers, editors, approvers."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Make them and name them."""
        for group in ensure_roles().values():
            self.stdout.write(f"{group.name}: {group.permissions.count()}")
