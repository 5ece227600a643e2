"""A bank has one name on every page, in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from mall.storefront.banks import name_of_bank
from tests.mall.promotions.offers import tied_card

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "expected"), [("zh-hans", "建设银行"), ("en", "China Construction Bank")]
)
def test_a_known_bank_is_said_as_people_say_it(language, expected):
    with translation.override(language):
        assert name_of_bank(tied_card(issuer_name="中国建设银行")) == expected


def test_a_bank_nobody_knows_is_called_as_its_acquirer_does():
    assert name_of_bank(tied_card(issuer_code="XYZ", issuer_name="某村镇银行")) == "某村镇银行"
