"""Accounts at acquirers from the shell: list them, add one, renew keys, take one out of use."""

from __future__ import annotations

import getpass
import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import AccountSpec, adapters, make_adapter
from payments.kernel.errors import LinliError
from payments.models import AcquirerAccount
from payments.services import rotation
from payments.services.accounts import account_code, notify_url
from payments.services.health import circuits
from payments.services.key_files import keep_key_file
from payments.services.rehearsal import Rehearsal, amount_for, rehearse


class Command(BaseCommand):
    """Nothing is sent to anybody; try an account with acquirer_check afterwards."""

    help = "List acquirer accounts, add one, give one new settings or keys, take one out of use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, with which account, and where settings and keys come from."""
        parser.add_argument("--by", default="", help="who does it; by default your login name")
        doing = parser.add_subparsers(dest="what", required=True)
        doing.add_parser("list", help="show accounts, versions and circuits")
        add = doing.add_parser("add", help="set a new account up")
        add.add_argument("code")
        add.add_argument("--adapter", required=True, choices=sorted(adapters()))
        renew = doing.add_parser("new-version", help="new settings or keys; what is left out stays")
        renew.add_argument("code")
        renew.add_argument(
            "--check", action="store_true", help="talk with the acquirer first; refuse if it fails"
        )
        for part in (add, renew):
            _take_settings_and_keys(part)
        for name, help_ in (
            ("out-of-use", "begin nothing new, finish what was begun"),
            ("in-use", "use the newest version again"),
        ):
            doing.add_parser(name, help=help_).add_argument("code")
        disable = doing.add_parser("disable", help="believe one version's keys no more")
        disable.add_argument("code")
        disable.add_argument("--account-version", type=int, required=True)
        rank = doing.add_parser("priority", help="where no rule speaks the smallest is asked first")
        rank.add_argument("code")
        rank.add_argument("number", help="0 to 32767, or “none”: only rules lead here")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, or say why not; nothing is half done."""
        by = options["by"] or getpass.getuser()
        try:
            self.stdout.write(_DOING[options["what"]](options, by))
        except LinliError as refusal:
            raise CommandError(str(refusal.user_message)) from refusal
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error


def _take_settings_and_keys(part: ArgumentParser) -> None:
    part.add_argument(
        "--from", dest="source", metavar="FILE", help='{"settings": {…}, "keys": {…}} as JSON; -'
    )
    part.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE")
    part.add_argument("--key", action="append", default=[], metavar="NAME=FILE")
    part.add_argument(
        "--key-env",
        action="append",
        default=[],
        metavar="NAME=VARIABLE",
        help="take a key's text from the environment and keep it as a file in LINLI_KEYS",
    )


def _given(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Read settings and key files: from the file first, single ones over them."""
    source = options["source"]
    text = sys.stdin.read() if source == "-" else Path(source).read_text() if source else "{}"
    found = json.loads(text)
    given = {"settings": {**found.get("settings", {})}, "keys": {**found.get("keys", {})}}
    given["settings"].update(_pairs(options["setting"]))
    for name, path in _pairs(options["key"]).items():
        given["keys"][name] = str(Path(path).resolve())
    for name, variable in _pairs(options["key_env"]).items():
        if not os.environ.get(variable):
            raise ValueError(f"{variable} is not set")
        kept, _ = keep_key_file(f"{options['code']}-{name}", os.environ[variable].encode())
        given["keys"][name] = str(kept)
    return given


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if any(not is_there for _name, is_there, _value in pairs):
        raise ValueError("write NAME=VALUE")
    return {name: value for name, _is, value in pairs}


def _add(options: dict[str, Any], by: str) -> str:
    adapter = options["adapter"]
    account = rotation.add_account(options["code"], adapter=adapter, by=by, **_given(options))
    return _told(account)


def _new_version(options: dict[str, Any], by: str) -> str:
    given = _given(options)
    if options["check"]:
        _check(rotation.draft_of(options["code"], **given))
    return _told(rotation.new_version(options["code"], by=by, **given))


def _check(draft: AccountSpec) -> None:
    """Hold the harmless conversation with keys that are not in use yet; ValueError if it fails."""
    try:
        adapter = make_adapter(draft)
    except ConfigError as error:
        raise ValueError(error.message) from error
    play = Rehearsal(account=draft, adapter=adapter, amount=amount_for(adapter))
    wrong = [line for line in rehearse(play) if line.is_right is False]
    if wrong:
        told = "; ".join(f"{line.asked}: {line.answer}" for line in wrong)
        raise ValueError(f"nothing was changed, the acquirer does not take it: {told}")


def _told(account: AcquirerAccount) -> str:
    return (
        f"{account}: {account.status}, merchant {account.merchant_id}\n"
        f"The acquirer sends its messages to {notify_url(account)}\n"
        f"Try it: manage.py acquirer_check {account.code}"
    )


def _in_use(options: dict[str, Any], by: str) -> str:
    return _told(rotation.put_in_use(options["code"], by=by))


def _out_of_use(options: dict[str, Any], by: str) -> str:
    account = rotation.take_out_of_use(options["code"], by=by)
    left = rotation.unfinished(account.code)
    return f"{account}: {account.status}; unfinished: {', '.join(left) or 'nothing'}"


def _disable(options: dict[str, Any], by: str) -> str:
    version = options["account_version"]
    rotation.disable_version(options["code"], version, by=by)
    return f"{options['code']} v{version}: its keys are believed no more"


def _priority(options: dict[str, Any], by: str) -> str:
    number = None if options["number"] == "none" else int(options["number"])
    rotation.set_priority(options["code"], number, by=by)
    return f"{options['code']}: priority {options['number']}"


def _list(_options: dict[str, Any], _by: str) -> str:
    health, lines = circuits(), []
    for account in AcquirerAccount.objects.all():
        circuit = health.get(account.code)
        notes = [account.status]
        if account.code == account_code():
            notes.append("the account of the settings")
        if account.priority is not None:
            notes.append(f"priority {account.priority}")
        if circuit is not None and account.status == AcquirerAccount.Status.ACTIVE:
            notes.append(f"circuit {circuit.state}")
        about = f"{account.adapter:<10} {account.merchant_id:<20} {', '.join(notes)}"
        lines.append(f"{account!s:<24} {about}")
    return "\n".join(lines) or "There is no account yet."


_DOING = {
    "list": _list,
    "add": _add,
    "new-version": _new_version,
    "in-use": _in_use,
    "out-of-use": _out_of_use,
    "disable": _disable,
    "priority": _priority,
}
