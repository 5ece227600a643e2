"""What a bank's person may do: look, write offers, approve what another wrote."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.accounts.models import User
from mall.banks.models import BankStaff, BankUnit
from payments.api import transact


class Role(models.TextChoices):
    """The three roles; one person may have several, and still never approves her own."""

    VIEWER = "viewer", _("Looks at offers, uses, claims and effect")
    EDITOR = "editor", _("Writes offers and proposes to launch them")
    APPROVER = "approver", _("Approves what another proposed")


GROUPS: Final[dict[str, str]] = {
    Role.VIEWER: "银行查看 Bank viewers",
    Role.EDITOR: "银行编辑 Bank editors",
    Role.APPROVER: "银行审批 Bank approvers",
}
_LOOKS: Final = (
    "banks.view_bankunit",
    "promotions.view_bankoffer",
    "promotions.view_offerreservation",
    "promotions.view_proposal",
    "vouchers.view_voucherbatch",
    "vouchers.view_claimround",
    "vouchers.view_voucher",
    "vouchers.view_redemption",
    "redpackets.view_rainsession",
)
# Who writes proposes, too: nothing of it happens before another approves.
_WRITES: Final = (
    "promotions.add_bankoffer",
    "promotions.change_bankoffer",
    "promotions.delete_bankoffer",
    "vouchers.add_voucherbatch",
    "vouchers.change_voucherbatch",
    "vouchers.add_claimround",
    "vouchers.change_claimround",
    "vouchers.launch_voucherbatch",
)
_RIGHTS: Final[dict[str, tuple[str, ...]]] = {
    Role.VIEWER: _LOOKS,
    Role.EDITOR: (*_LOOKS, *_WRITES),
    Role.APPROVER: (*_LOOKS, "promotions.approve_proposal"),
}


@transact()
def ensure_roles() -> dict[str, Group]:
    """Make the three groups with their rights; run again they are brought up to date."""
    return {role: _group(role) for role in Role.values}


@transact()
def appoint(user: User, *, unit: BankUnit, roles: set[str]) -> BankStaff:
    """Let a person work for a unit in these roles, and in no others, and enter the admin.

    A superuser keeps her rights; a bank's unit would then bind her to nothing.
    """
    groups = ensure_roles()
    staff, _created = BankStaff.objects.update_or_create(user=user, defaults={"unit": unit})
    user.groups.remove(*groups.values())
    user.groups.add(*(groups[role] for role in sorted(roles)))
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return staff


@transact()
def dismiss(staff: BankStaff) -> None:
    """Take a person's unit and roles away; she may no longer enter the admin."""
    user = staff.user
    user.groups.remove(*ensure_roles().values())
    staff.delete()
    if not user.is_superuser and not user.groups.exists():
        User.objects.filter(pk=user.pk).update(is_staff=False)


def roles_of(user: User) -> set[str]:
    """Return her roles; no query where her groups were prefetched."""
    names = {group.name for group in user.groups.all()}
    return {role for role, name in GROUPS.items() if name in names}


def _group(role: str) -> Group:
    group, _created = Group.objects.get_or_create(name=GROUPS[role])
    wanted = Q(pk=None)
    for right in _RIGHTS[role]:
        app, _dot, codename = right.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    group.permissions.set(Permission.objects.filter(wanted))
    return group
