"""An app on a telephone: a real client that signs in once and carries its token."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.test import Client
from knox.models import get_token_model

from mall.accounts.models import User

V1 = "/api/v1"
_numbers = count(1)


@dataclass
class App:
    """One person's app; every POST has a key of its own unless one is given."""

    user: User | None = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))
    token: str = ""

    def __post_init__(self) -> None:
        """Sign in where there is somebody."""
        if self.user is not None:
            _kept, self.token = get_token_model().objects.create(user=self.user)

    def get(self, path: str, **query: Any) -> Any:
        """Ask."""
        return self.client.get(V1 + path, query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Ask for something."""
        headers = self._headers() | {"Idempotency-Key": key or f"test-key-{next(_numbers)}"}
        return self.client.post(
            V1 + path, body or {}, content_type="application/json", headers=headers
        )

    def put(self, path: str, body: Any) -> Any:
        """Put."""
        return self.client.put(
            V1 + path, body, content_type="application/json", headers=self._headers()
        )

    def patch(self, path: str, body: Any) -> Any:
        """Change."""
        return self.client.patch(
            V1 + path, body, content_type="application/json", headers=self._headers()
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}
