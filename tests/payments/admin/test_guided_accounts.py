"""Setting accounts up by a form of the acquirer's own fields, and seeing what accounts can do."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mall.accounts.models import User
from payments.acquiring.registry import adapters, setup_of
from payments.models import AcquirerAccount

pytestmark = pytest.mark.usefixtures("english")
CHOOSE = reverse("admin:payments_acquireraccount_choose_acquirer")
COMPARE = reverse("admin:payments_acquireraccount_compare")
SET_UP = reverse("admin:payments_acquireraccount_guided", args=["sandbox"])


@pytest.fixture
def staff(client, acquirer, settings, tmp_path):
    settings.LINLI_KEYS = tmp_path / "keys"
    client.force_login(User.objects.create_superuser(username="mei", password="x" * 12))
    return client


def filled(**changed) -> dict:
    """The form as somebody fills it in who has the sandbox's files before her."""
    like = AcquirerAccount.objects.get(code="sandbox", status="active")
    fields = {f"setting-{name}": str(value) for name, value in like.settings.items()}
    for name, path in like.keys.items():
        fields[f"key-{name}"] = SimpleUploadedFile(f"{name}.pem", Path(path).read_bytes())
    return {"code": "second", "priority": "5", **fields, **changed}


def kept(settings) -> list[Path]:
    return sorted(settings.LINLI_KEYS.glob("*")) if settings.LINLI_KEYS.exists() else []


def test_an_account_is_set_up_with_uploaded_keys(staff, settings):
    done = staff.post(SET_UP, filled(), follow=True)

    made = AcquirerAccount.objects.get(code="second")
    assert (made.priority, made.set_up_by, made.adapter) == (5, "mei", "sandbox")
    assert sorted(map(Path, made.keys.values())) == kept(settings)
    assert {path.stat().st_mode & 0o777 for path in kept(settings)} == {0o600}
    assert "PRIVATE KEY" not in done.content.decode()
    assert "acquirer_check second" in done.content.decode()


def test_what_the_adapter_refuses_leaves_no_key_behind(staff, settings):
    broken = SimpleUploadedFile("key.pem", b"-----BEGIN PRIVATE KEY-----\nbroken")

    shown = staff.post(SET_UP, filled(**{"key-merchant_private_key": broken}))

    assert shown.context["form"].non_field_errors()
    assert "BEGIN PRIVATE KEY" not in shown.content.decode()
    assert not AcquirerAccount.objects.filter(code="second").exists()
    assert kept(settings) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"setting-base_url": "https://keys.example"}, "not an address this installation"),
        ({"setting-merchant_id": ""}, "This field is required"),
        ({"key-aead_key": SimpleUploadedFile("k", b"x" * 70_000)}, "too large to be a key"),
        ({"key-aead_key": ""}, "This field is required"),
        ({"code": "Second!"}, "small letters, digits and hyphens"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(staff, settings, changed, says):
    shown = staff.post(SET_UP, filled(**changed))

    assert says in shown.content.decode()
    assert not AcquirerAccount.objects.filter(code="second").exists()
    assert kept(settings) == []


def test_a_new_version_asks_for_no_key_again(staff):
    first = AcquirerAccount.objects.get()
    url = reverse("admin:payments_acquireraccount_new_version", args=[first.pk])
    page = staff.get(url)
    wanted = {name: field.value() or "" for name, field in _fields(page) if "key-" not in name}

    staff.post(url, {**wanted, "setting-fee_rate": "0.006"})

    second = AcquirerAccount.objects.get(version=2)
    assert "is not shown" in page.content.decode()
    assert second.keys == first.keys
    assert second.settings == {**first.settings, "fee_rate": "0.006"}


def _fields(page):
    form = page.context["form"]
    return [(name, form[name]) for name in form.fields]


def test_every_acquirer_of_ours_has_a_form_but_the_one_without_a_line(staff):
    shown = staff.get(CHOOSE).content.decode()

    ours = {name for name, path in adapters().items() if path.startswith("payments.")}
    for name in ours - {"bank_file"}:
        assert setup_of(name) is not None, name
        assert reverse("admin:payments_acquireraccount_guided", args=[name]) in shown
        assert Path(setup_of(name).guide).is_file()
        page = staff.get(reverse("admin:payments_acquireraccount_guided", args=[name]))
        assert page.status_code == 200


def test_who_banks_with_several_sees_what_each_can_do(staff):
    shown = staff.get(COMPARE).content.decode()

    assert "What the accounts in use can do" in shown
    assert "365 days" in shown
    assert "at most 30 % to" in shown


def test_only_who_may_add_accounts_sets_one_up(client, acquirer):
    person = User.objects.create_user(username="lin", password="x" * 12, is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_acquireraccount"))
    client.force_login(person)

    assert client.get(SET_UP).status_code == 403
    assert (
        client.get(reverse("admin:payments_acquireraccount_guided", args=["x"])).status_code == 403
    )
