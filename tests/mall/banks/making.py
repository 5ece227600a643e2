"""Banks and their people as tests need them."""

from __future__ import annotations

from itertools import count

from mall.accounts.models import User
from mall.banks.models import BankUnit
from mall.banks.organising import found_unit
from mall.banks.roles import appoint

_numbers = count(1)
Level = BankUnit.Level


def make_bank(issuer: str = "CCB", name: str = "建设银行") -> BankUnit:
    """A bank."""
    code = f"{issuer.lower()}-{next(_numbers)}"
    return found_unit(code=code, name=name, level=Level.BANK, issuer_code=issuer)


def make_branch(under: BankUnit, name: str = "杭州分行") -> BankUnit:
    """A branch of a bank."""
    return found_unit(code=f"branch-{next(_numbers)}", name=name, level=Level.BRANCH, under=under)


def make_outlet(under: BankUnit, name: str = "西湖支行") -> BankUnit:
    """An outlet of a branch."""
    return found_unit(code=f"outlet-{next(_numbers)}", name=name, level=Level.OUTLET, under=under)


def make_clerk(unit: BankUnit, *roles: str, username: str = "") -> User:
    """A person of a unit, in these roles."""
    name = username or f"clerk-{next(_numbers)}"
    user = User.objects.create(username=name, display_name=name, is_staff=True)
    appoint(user, unit=unit, roles=set(roles))
    return User.objects.get(pk=user.pk)
