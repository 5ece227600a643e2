"""The program as an operator starts it: from manage.py, with clear answers, ended by SIGTERM."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mall.config import processes
from tests.acquirer import ROOT
from tests.machines import free_port


def start(*args: str | Path, log: Path) -> subprocess.Popen[bytes]:
    return processes.start([sys.executable, *args], log=log, cwd=ROOT)


def test_manage_py_becomes_the_bank_and_ends_when_told(tmp_path):
    port = str(free_port())
    log = tmp_path / "log"
    admin_port = str(free_port())
    options = ["--port", port, "--data", tmp_path / "bank", "--", "--admin-port", admin_port]
    bank = start("manage.py", "sandbox_acquirer", *options, log=log)
    try:
        url = f"http://127.0.0.1:{port}/healthz"
        assert processes.wait_for(lambda: processes.answers(url), seconds=60), log.read_text()
        assert processes.answers(f"http://127.0.0.1:{admin_port}/healthz")
        assert (tmp_path / "bank" / "keys" / "merchant.json").exists()
    finally:
        bank.terminate()
        assert bank.wait(10) == 0

    assert processes.is_free(int(port))


@pytest.mark.parametrize("arguments", [[], ["--data", "x", "--retry-seconds", "soon"]])
def test_a_wrong_command_line_is_explained(arguments):
    said = subprocess.run(
        [sys.executable, "-m", "payments.sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert said.returncode == 2
    assert "usage: python -m payments.sandbox" in said.stderr


def test_the_bank_imports_nothing_of_ours_and_no_django():
    code = (
        "import sys; import payments.sandbox.__main__;"
        "print([m for m in sys.modules if m.split('.')[0] in {'django', 'mall', 'groupleader'}"
        " or m.startswith('payments.') and not m.startswith('payments.sandbox')])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"
