#!/usr/bin/env bash
# Makes sure the programs the tests start are on the machine: PostgreSQL, Redis, Chromium, Chinese fonts.
# Missing ones are installed from Debian's packages where that is allowed, and named where it is not.
set -euo pipefail

has_postgres() {
  local bin
  for bin in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
    if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then return 0; fi
  done
  return 1
}
has_chromium() { [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null 2>&1; }
has_chinese_font() { [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]; }

missing=()
has_postgres || missing+=(postgresql)
command -v redis-server >/dev/null 2>&1 || missing+=(redis-server)
has_chromium || missing+=(chromium)
has_chinese_font || missing+=(fontconfig fonts-noto-cjk)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null 2>&1 || ! "${as_root[@]}" true >/dev/null 2>&1; then
  printf '%s\n' "测试还需要这些程序 / The tests also need: ${missing[*]}" \
    "请以管理员身份安装 / Install them as an administrator, on Debian or Ubuntu:" \
    "  sudo apt-get install ${missing[*]}" >&2
  exit 1
fi

echo "Installing for the tests: ${missing[*]} …" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
