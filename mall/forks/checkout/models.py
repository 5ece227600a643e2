"""Oscar's own checkout models (none of ours): a fork must re-export them."""

from __future__ import annotations

from oscar.apps.checkout.models import *
