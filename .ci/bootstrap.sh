#!/usr/bin/env bash
# Makes .venv with the pinned packages: `.ci/bootstrap.sh` for running, `.ci/bootstrap.sh tests` for testing as well.
# A second call with unchanged requirement files returns at once.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# A name on the PATH proves nothing (version managers leave stubs there), so each candidate has to run and say its version.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  say '需要 Python 3.11 或更高版本（含 venv 模块），但本机没有找到。'
  say 'Python 3.11 or newer, with its venv module, is needed and was not found.'
  say '  Debian 12+, Ubuntu 24.04+:  sudo apt-get install python3 python3-venv'
  say '  macOS:                      brew install python@3.12'
  say '  or name one yourself:       PYTHON=/path/to/python3 make demo'
  exit 1
}

# Two makes started at the same moment in one folder take turns.
mkdir -p .cache
exec 9>.cache/bootstrap.lock
if command -v flock >/dev/null 2>&1; then flock 9; fi

if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
  python=$(find_python)
  say "Making the environment .venv with $("$python" --version) …"
  rm -rf .venv
  "$python" -m venv .venv
fi

install_once() {  # install_once <requirements file> <what for>
  local stamp=".venv/.installed-$2" now
  now=$(cksum <"$1")
  if [ "$(cat "$stamp" 2>/dev/null || true)" = "$now" ]; then return; fi
  say "Installing the packages of $1 (once, about a minute) …"
  if ! .venv/bin/python -m pip install -qq --disable-pip-version-check --requirement "$1" >&2; then
    say "安装依赖失败：请检查网络或包镜像设置，然后重试。"
    say "Installing $1 failed: check the network or the package index, then run the same command again."
    exit 1
  fi
  printf '%s\n' "$now" >"$stamp"
}

install_once requirements.txt runtime
if [ "${1:-}" = tests ]; then install_once tests/requirements.txt tests; fi
