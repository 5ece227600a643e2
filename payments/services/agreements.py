"""Tied cards."""

from __future__ import annotations

from dataclasses import dataclass
from payments.papers import AgreementView
from payments.kernel.errors import LinliError


class TooManyCardsTriedError(LinliError):
    """Too many tries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BindStep:
    url: str
    agreement_no: str


def start_binding(
    *, owner_ref: str, holder_phone: str, return_url: str, consent_version: str, ip: str
) -> BindStep:
    raise NotImplementedError


def finish_binding(agreement_no: str) -> AgreementView:
    raise NotImplementedError


def unbind(agreement_no: str, owner_ref: str) -> AgreementView:
    raise NotImplementedError


def set_default_agreement(agreement_no: str, owner_ref: str) -> AgreementView:
    raise NotImplementedError
