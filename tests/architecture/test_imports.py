"""Who may know whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, imported_names, modules

# The standard library's ways out of the house; import-linter watches the installed ones.
_WAYS_OUT = {"http.client", "smtplib", "socket", "ftplib", "urllib.request", "asyncio"}
_MAY_TALK = (
    "payments/acquiring/",  # the one HTTP client
    "payments/services/callouts.py",  # asks what a partner's name stands for, and says nothing
    "payments/sandbox/",  # a program of its own
    "mall/config/processes.py",  # asks our own programs whether they answer
    "mall/config/smoke/",  # plays residents, leaders and an admin from outside
    "mall/config/demo_data/bank_desk.py",  # plays the payers of the demo's history
)


def test_the_import_contracts_are_kept():
    lint = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]

    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_only_the_http_client_opens_a_connection():
    culprits = {
        path: sorted(found)
        for path, tree in modules().items()
        if not path.startswith(_MAY_TALK) and (found := _WAYS_OUT & {*imported_names(tree)})
    }

    assert culprits == {}
