"""Names and numbers as others see them, and what a person has chosen."""

from __future__ import annotations

import pytest

from mall.accounts.masking import mask_name, mask_phone
from mall.accounts.models import Consent
from mall.accounts.profiles import chain_name, profile_of, record_consents, set_elder_mode
from tests.factories.groups import make_person


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+8613800000001", "138****0001"),
        ("13800000001", "138****0001"),
        ("", ""),
        (None, ""),
        ("123", "****"),
    ],
)
def test_phones_are_masked(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李小娟", "李*娟"),
        ("李娟", "李*"),
        ("欧阳小明明", "欧*明"),
        ("李", "李*"),
        (" ", "*"),
        ("Anna", "A*a"),
    ],
)
def test_names_are_masked(name, shown):
    assert mask_name(name) == shown


@pytest.mark.django_db
def test_a_profile_is_made_when_first_needed_and_kept():
    resident = make_person("李小娟")
    assert profile_of(resident).pk == profile_of(resident).pk

    set_elder_mode(user=resident, elder_mode=True)
    assert profile_of(resident).elder_mode
    assert chain_name(resident) == "李*娟"


@pytest.mark.django_db
def test_agreeing_twice_to_a_version_is_agreeing_once_and_a_new_version_is_new():
    resident = make_person()
    record_consents(user=resident, versions={"terms": "1", "privacy": "1"})
    record_consents(user=resident, versions={"terms": "1", "privacy": "2"}, ip="203.0.113.7")

    agreed = set(Consent.objects.values_list("document", "version"))
    assert agreed == {("terms", "1"), ("privacy", "1"), ("privacy", "2")}
