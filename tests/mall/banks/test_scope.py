"""Each unit of a bank sees its own things and those below; nobody else's, and never by a right."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction

from mall.accounts.models import User
from mall.banks.errors import BankUnitError
from mall.banks.models import BankUnit
from mall.banks.organising import found_unit, move_unit, rename_unit
from mall.banks.roles import Role, appoint, dismiss, roles_of
from mall.banks.scope import owned_by, sees_every_unit, units_for
from mall.promotions.models import BankOffer
from tests.factories.groups import make_person
from tests.mall.banks.making import make_bank, make_branch, make_clerk, make_outlet
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db


def _names(user: User) -> list[str]:
    return [unit.name for unit in units_for(user)]


def test_a_unit_sees_itself_and_what_is_below():
    bank = make_bank()
    branch, other = make_branch(bank), make_branch(bank, "宁波分行")
    outlet = make_outlet(branch)
    make_bank("PSBC", "邮储银行")

    assert _names(make_clerk(bank)) == ["建设银行", "杭州分行", "西湖支行", "宁波分行"]
    assert _names(make_clerk(branch)) == ["杭州分行", "西湖支行"]
    assert _names(make_clerk(outlet)) == ["西湖支行"]
    assert _names(make_clerk(other)) == ["宁波分行"]


def test_offers_are_seen_by_their_unit_and_those_above():
    bank = make_bank()
    branch, other = make_branch(bank), make_branch(bank, "宁波分行")
    own = make_offer(code="own", owner=branch)
    make_offer(code="other", owner=other)
    nobodys = make_offer(code="nobodys", owner=None)

    assert list(owned_by(BankOffer.objects.all(), make_clerk(branch))) == [own]
    assert owned_by(BankOffer.objects.all(), make_clerk(bank)).count() == 2
    assert nobodys in owned_by(BankOffer.objects.all(), make_person(is_superuser=True))


def test_a_right_alone_opens_no_banks_books(django_user_model):
    bank = make_bank()
    make_offer(owner=bank)
    stranger = make_clerk(bank, Role.VIEWER)
    dismiss(stranger.bank_staff)
    stranger = django_user_model.objects.get(pk=stranger.pk)

    assert _names(stranger) == []
    assert not owned_by(BankOffer.objects.all(), stranger).exists()
    assert stranger.is_staff is False


def test_the_right_to_see_every_unit_is_the_malls_people_only(django_user_model):
    bank, other = make_bank(), make_bank("PSBC", "邮储银行")
    right = Permission.objects.get(codename="see_every_unit")
    operator, clerk = make_person(is_staff=True), make_clerk(bank, Role.VIEWER)
    for user in (operator, clerk):
        user.user_permissions.add(right)

    assert sees_every_unit(django_user_model.objects.get(pk=operator.pk))
    assert _names(django_user_model.objects.get(pk=clerk.pk)) == [bank.name]
    assert other.name not in _names(clerk)


def test_people_of_a_unit_out_of_use_see_nothing():
    bank = make_bank()
    clerk = make_clerk(bank, Role.EDITOR)

    rename_unit(bank, name=bank.name, is_active=False)

    assert _names(clerk) == []


def test_levels_are_kept_in_order():
    bank = make_bank()
    branch = make_branch(bank)
    city = make_branch(branch, "余杭支行")
    outlet = make_outlet(city)

    assert outlet.issuer_code == "CCB"
    for level, under in (("outlet", bank), ("branch", None), ("bank", bank), ("branch", outlet)):
        with pytest.raises(BankUnitError):
            found_unit(code="x", name="x", level=level, under=under)


def test_the_database_keeps_a_bank_on_top():
    with pytest.raises(IntegrityError), transaction.atomic():
        BankUnit.objects.add_root(
            {"code": "x", "name": "x", "level": "outlet", "issuer_code": "CCB"}
        )


def test_a_unit_moves_with_all_below_it_and_who_sees_it_changes():
    bank = make_bank()
    hangzhou, ningbo = make_branch(bank), make_branch(bank, "宁波分行")
    outlet = make_outlet(hangzhou)
    clerk = make_clerk(hangzhou)

    move_unit(outlet, under=ningbo)

    assert _names(clerk) == ["杭州分行"]
    assert BankUnit.objects.get_parent(BankUnit.objects.get(pk=outlet.pk)) == ningbo


def test_a_unit_stays_with_its_bank_and_never_stands_under_itself():
    ccb, psbc = make_bank(), make_bank("PSBC", "邮储银行")
    branch = make_branch(ccb)
    city = make_branch(branch, "余杭支行")

    for under in (psbc, city, branch):
        with pytest.raises(BankUnitError):
            move_unit(branch, under=under)


def test_roles_are_groups_and_the_last_word_counts():
    bank = make_bank()
    clerk = make_clerk(bank, Role.EDITOR)

    appoint(clerk, unit=bank, roles={Role.APPROVER})

    clerk = User.objects.get(pk=clerk.pk)
    assert roles_of(clerk) == {Role.APPROVER}
    assert clerk.has_perm("promotions.approve_proposal")
    assert not clerk.has_perm("promotions.change_bankoffer")
