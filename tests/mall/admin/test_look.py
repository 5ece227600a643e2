"""Every page of the admin opens: ours and Oscar's, in one look, for a superuser."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse
from oscar.apps.catalogue.models import Category
from unfold.admin import ModelAdmin

from mall.accounts.models import User
from mall.config.sidebar import SIDEBAR

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = {
    "accounts",
    "fulfilment",
    "groupbuy",
    "groupleader",
    "ordering",
    "payments",
    "pickup",
    "promotions",
}


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser(username="boss", password="x" * 12))
    return client


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_list_and_add_page_opens(staff, model):
    meta = model._meta
    listed = staff.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
    added = staff.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_add"))

    assert listed.status_code == 200
    may_add = admin.site._registry[model].has_add_permission(added.wsgi_request)
    assert added.status_code == (200 if may_add else 403)


def test_everything_wears_one_look():
    assert [
        m._meta.label for m, a in admin.site._registry.items() if not isinstance(a, ModelAdmin)
    ] == []


@pytest.mark.parametrize("label", ["order", "payment", "basket"])
def test_oscars_orders_and_money_are_read_only(staff, label):
    models = [model for model in REGISTERED if model._meta.app_label == label]
    assert models
    for model in models:
        added = staff.get(reverse(f"admin:{label}_{model._meta.model_name}_add"))
        assert added.status_code == 403, model


def test_nothing_invites_a_card_number():
    assert "payment.Bankcard" not in [model._meta.label for model in REGISTERED]


def test_categories_are_listed_flat(staff):
    root = Category.add_root(name="水果")
    root.add_child(name="苹果")

    shown = staff.get(reverse("admin:catalogue_category_changelist")).content.decode()

    assert "— 苹果" in shown
    assert staff.get(reverse("admin:catalogue_category_change", args=[root.pk])).status_code == 200


def test_the_sidebar_leads_to_all_that_is_ours(staff):
    listed = {label for _title, entries in SIDEBAR for label, _icon in entries}
    ours = {m._meta.label for m in REGISTERED if m._meta.app_label in OURS}
    home = staff.get("/admin/").content.decode()

    assert ours - listed == set()
    for label in listed:
        app_label, name = label.lower().split(".")
        assert f"/admin/{app_label}/{name}/" in home, label
    assert reverse("admin:payments_trial_balance") in home
