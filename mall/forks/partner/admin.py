"""Oscar's own partner admin, unchanged: a fork must re-export it."""

from __future__ import annotations

from oscar.apps.partner.admin import *
