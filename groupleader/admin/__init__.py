"""Leaders, rules, commission and statements in the admin: money moves by actions only."""

from __future__ import annotations

from groupleader.admin import commissions, devices, leaders, rules, statements

__all__ = ["commissions", "devices", "leaders", "rules", "statements"]
