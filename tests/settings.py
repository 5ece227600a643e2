"""The product's settings for one test process: data, ports and database of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.machines import free_port

for name in [*os.environ]:
    # An operator's own settings are no part of a test.
    if name.startswith("LINLI_") and name not in {"LINLI_VECTORS", "LINLI_API_CASES"}:
        del os.environ[name]
os.environ.pop("REDIS_URL", None)
# Chosen before the product's settings are read: they and the programs the tests start must agree.
os.environ["LINLI_DATA"] = tempfile.mkdtemp(prefix="linli-tests-")
atexit.register(shutil.rmtree, os.environ["LINLI_DATA"], ignore_errors=True)
Path(os.environ["LINLI_DATA"], "static").mkdir()
os.environ["LINLI_SITE_URL"] = f"http://127.0.0.1:{free_port()}"
os.environ["LINLI_SANDBOX_URL"] = f"http://127.0.0.1:{free_port()}"
os.environ["LINLI_SANDBOX_ADMIN_URL"] = f"http://127.0.0.1:{free_port()}"
os.environ["LINLI_SQLITE_SYNCHRONOUS"] = "OFF"  # the data need not survive the machine
if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
    os.environ["DATABASE_URL"] = f"sqlite:///{os.environ['LINLI_DATA']}/linli.sqlite3"
# Playwright keeps an event loop in the test's thread; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from mall.config.settings import *  # noqa: E402, F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # No collectstatic before a unit test; the running mall of the browser tests does collect.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
