"""How one sandbox bank is set up: its address, its folders, its pace."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

DEMO_RETRY_SECONDS: Final = (1, 2, 5, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two sandbox banks. Times in seconds, amounts in fen."""

    data: Path
    port: int = 8001
    host: str = "127.0.0.1"
    public_url: str = ""
    keys: Path | None = None
    notify_hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost"})
    retry_seconds: tuple[float, ...] = DEMO_RETRY_SECONDS
    refund_delay_seconds: float = 0.0
    transfer_delay_seconds: float = 2.0
    transfers_wait: bool = False
    # Agreements run out, as cards do: three years.
    agreement_days: float = 1095.0
    split_delay_seconds: float = 1.0
    split_percent_max: int = 30
    slow_answer_seconds: float = 12.0
    code_pause_seconds: float = 30.0
    merchant_id: str = "LINLI0001"
    merchant_name: str = "邻里团"
    opening_balance_minor: int = 100_000_000
    fee_rate: str = "0.0038"
    admin_port: int = 0
    threads: int = field(default=16)
    # Where messages of acquirers go who ask for no address: {dialect} stands for their name.
    merchant_notify_url: str = ""
    # Which other acquirers' protocols are spoken too: names of payments.sandbox.dialects.
    dialects: tuple[str, ...] = ()

    @property
    def base_url(self) -> str:
        """The address payers' browsers reach this bank at, without a slash at the end."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def keys_dir(self) -> Path:
        """Where the merchant's half of the keys is laid out for the mall to read."""
        return self.keys or self.data / "keys"
