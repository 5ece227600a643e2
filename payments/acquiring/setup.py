"""What an account at an acquirer needs to be told: the fields of the form that sets it up."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """One plain setting: a number, an address, a switch. Never a secret."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    required: bool = False
    is_flag: bool = False
    # value and what it is called; empty: any text
    choices: tuple[tuple[str, str | Promise], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySpec:
    """One key or certificate: uploaded, kept in a file only we read, and never shown again."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything one acquirer's account consists of, in the order a person fills it in."""

    name: str | Promise
    settings: tuple[SettingSpec, ...]
    keys: tuple[KeySpec, ...]
    # the chapter of docs/adapters that says where each of these comes from
    guide: str = ""
