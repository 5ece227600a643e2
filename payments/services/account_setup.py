"""Setting an account up from a form: its uploaded keys become files, or nothing is left of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from payments.models import AcquirerAccount
from payments.services.key_files import keep_key_file
from payments.services.rotation import AccountRefusedError, add_account, new_version


def set_account_up(
    code: str, *, adapter: str, settings: Mapping[str, Any], uploads: Mapping[str, bytes], by: str
) -> AcquirerAccount:
    """Set a new account up with keys as they were uploaded. AccountRefusedError keeps no file."""
    with _kept(code, uploads) as files:
        return add_account(code, adapter=adapter, settings=settings, keys=files, by=by)


def renew_account(
    code: str, *, settings: Mapping[str, Any], uploads: Mapping[str, bytes], by: str
) -> AcquirerAccount:
    """Give an account new settings and the uploaded keys; the others stay. AccountRefusedError."""
    with _kept(code, uploads) as files:
        return new_version(code, settings=settings, keys=files, by=by)


@contextmanager
def _kept(code: str, uploads: Mapping[str, bytes]) -> Iterator[dict[str, str]]:
    """Keep the uploads as files while the account is tried; refused, those made for it go again."""
    made: list[Path] = []
    try:
        yield {
            name: str(_keep(f"{code}-{name}", content, made.append))
            for name, content in uploads.items()
        }
    except AccountRefusedError:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _keep(name: str, content: bytes, note: Callable[[Path], None]) -> Path:
    path, is_new = keep_key_file(name, content)
    if is_new:
        note(path)
    return path
