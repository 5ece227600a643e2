"""Key files: a secret is kept in a file that only we read, named by its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings


def keep_key_file(name: str, content: bytes) -> tuple[Path, bool]:
    """Keep a secret in the folder of keys (LINLI_KEYS); return where, and if it is new. OSError.

    The name holds a part of its digest: another secret is another file, so that the version of an
    account that names the first one goes on finding it.
    """
    folder = Path(settings.LINLI_KEYS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}"
    is_new = not path.exists()
    if is_new:
        path.touch(mode=0o600)
        path.write_bytes(content)
    return path, is_new
