"""Claims and receipts in the admin: for the mall's finance to work with, for banks to read."""

from __future__ import annotations

from mall.claims.admin.claims import ClaimAdmin
from mall.claims.admin.receipts import ReceiptAdmin

__all__ = ["ClaimAdmin", "ReceiptAdmin"]
