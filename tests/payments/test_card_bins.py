"""Card prefixes: the longest speaks; files are taken whole or not at all, and seen first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from mall.accounts.models import User
from payments.api import issuer_name, issuers
from payments.models import BinImport, CardAgreement, CardBin
from payments.services.bin_import import (
    BinFileError,
    BinTableMovedError,
    apply_import,
    plan_import,
    remove_bins,
)
from payments.services.card_bins import find_bin, forget_table, table_version
from tests.factories.crowd import all_at_once
from tests.payments.cards_desk import signed

SHIPPED = Path(__file__).parents[2] / "payments" / "data" / "bins.csv"
HEAD = "prefix,issuer_code,issuer_name,issuer_name_en,kind,mark,length,doubtful,source,note\n"
BANKS = "CCB PSBC CMBC ICBC ABC BOC BOCOM CMB CITIC CEB SPDB CIB PAB GDB HXB"


@pytest.fixture(autouse=True)
def _fresh(db) -> Iterator[None]:
    forget_table()
    yield
    forget_table()


def paper(*lines: str) -> bytes:
    return (HEAD + "".join(f"{line}\n" for line in lines)).encode()


def take(raw: bytes, *, version: int | None = None) -> BinImport:
    follows = table_version() if version is None else version
    return apply_import(raw, file_name="bins.csv", by="xiaomei", expected_version=follows)


NEW = "62998877,NEWB,新银行,New Bank,debit,,19,,a letter,"


@pytest.mark.parametrize(
    ("digits", "issuer", "kind", "mark"),
    [
        ("622168", "CCB", "credit", "unionpay_single"),
        ("436742", "CCB", "debit", "dual_or_brand"),
        ("62218812", "PSBC", "debit", "unionpay_single"),
        ("622622", "CMBC", "debit", "unionpay_single"),
        ("622621", "CMBC", "credit", "unionpay_single"),
        ("622202", "ICBC", "debit", "unionpay_single"),
        ("622848", "ABC", "debit", "unionpay_single"),
        ("532425", "CCB", "debit", "dual_or_brand"),
    ],
)
def test_a_prefix_says_bank_kind_and_mark(digits, issuer, kind, mark):
    found = find_bin(digits)

    assert (found.issuer_code, found.kind, found.mark) == (issuer, kind, mark)


def test_the_longest_prefix_speaks():
    take(paper("62216812,NEWB,新银行,New Bank,debit,,16,,,"))

    assert find_bin("6221681299").issuer_code == "NEWB"
    assert find_bin("62216813").issuer_code == "CCB"
    assert find_bin("622168").issuer_code == "CCB"
    assert find_bin("62216") is None


def test_many_cards_cost_no_question(django_assert_num_queries):
    find_bin("622168")

    with django_assert_num_queries(0):
        assert all(find_bin(prefix) for prefix in ("622168", "622202", "621700") * 50)
        assert len(issuers()) == 15


def test_the_banks_are_named_in_both_languages():
    assert {issuer.code for issuer in issuers()} == set(BANKS.split())
    ccb = next(issuer for issuer in issuers() if issuer.code == "CCB")
    assert ccb == ("CCB", "中国建设银行", "China Construction Bank")
    assert issuer_name("CCB", english=True) == "China Construction Bank"
    assert issuer_name("XX", english=True, otherwise="Bank of X") == "Bank of X"


def test_the_shipped_file_is_the_table_and_makes_sense():
    plan = plan_import(SHIPPED.read_bytes())

    assert (plan.added, plan.changed, plan.refused) == ((), (), ())
    assert plan.unchanged == CardBin.objects.count() > 600
    assert CardBin.objects.filter(is_doubtful=True, issuer_code="CCB").count() == 5


def test_a_file_says_what_it_would_add_change_and_cannot():
    raw = paper(
        NEW,
        "622168,CCB,中国建设银行,China Construction Bank,debit,,16,,bcbc,",
        "12345,CCB,中国建设银行,,debit,,,,,",
        "629999,ccb,中国建设银行,,debit,,,,,",
        "629999,CCB,中国建设银行,,cash,,,,,",
        "436742,CCB,中国建设银行,,debit,unionpay_single,,,,",
        "62998877,CCB,中国建设银行,,debit,,,,,",
        "629998,CCB,中国建设银行,,debit,,25,,,",
        "629997,CCB,中国建设银行",
    )

    plan = plan_import(raw)

    assert [(line, row.prefix) for line, row in plan.added] == [(2, "62998877")]
    assert [(c.line, c.differences) for c in plan.changed] == [(3, [("kind", "credit", "debit")])]
    assert [refused.line for refused in plan.refused] == [4, 5, 6, 7, 8, 9, 10]
    assert all(str(refused.reason) for refused in plan.refused)


def test_a_file_with_one_bad_line_changes_nothing():
    before = CardBin.objects.count()

    with pytest.raises(BinFileError) as refused:
        take(paper(NEW, "12345,CCB,建行,,debit,,,,,"))

    assert refused.value.data["line"] == 3
    assert (CardBin.objects.count(), BinImport.objects.count()) == (before, 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"a,b\n1,2\n",
        b"# nothing\n",
        HEAD.encode("gbk") + "银".encode("gbk"),
        f"{HEAD}{'6' * 200_000},CCB,建行,,debit,,,,,\n".encode(),
    ],
)
def test_what_is_no_such_file_is_refused_whole(raw):
    with pytest.raises(BinFileError):
        plan_import(raw)


def test_a_file_taken_twice_changes_nothing_the_second_time():
    first = take(paper(NEW))
    second = take(paper(NEW))

    assert (first.added, second.added, second.changed, second.unchanged) == (1, 0, 0, 1)
    assert find_bin("62998877").issuer_name == "新银行"


def test_what_was_compared_with_an_older_table_is_compared_again():
    seen = table_version()
    take(paper(NEW))

    with pytest.raises(BinTableMovedError):
        take(paper("62998877,OTHR,别家,,debit,,,,,"), version=seen)

    assert find_bin("62998877").issuer_code == "NEWB"


@pytest.mark.django_db(transaction=True)
def test_of_two_files_at_once_one_is_taken():
    seen = table_version()
    lines = ["62998877,AAAA,甲,,debit,,,,,", "62998877,BBBB,乙,,debit,,,,,"]

    said = all_at_once([lambda one=one: take(paper(one), version=seen) for one in lines])

    assert sorted(type(one).__name__ for one in said) == ["BinImport", "BinTableMovedError"]


def test_prefixes_are_taken_out():
    take(paper(NEW))

    assert remove_bins(["62998877"], by="xiaomei") == 1
    assert find_bin("62998877") is None


def test_the_command_says_what_it_does_and_refuses_whole(tmp_path, capsys):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(paper(NEW))
    bad.write_bytes(paper("12,CCB,建行,,debit,,,,,"))

    call_command("import_bins", good, "--check")
    assert find_bin("62998877") is None
    call_command("import_bins", good)
    with pytest.raises(CommandError):
        call_command("import_bins", bad)

    assert find_bin("62998877").issuer_code == "NEWB"
    said = capsys.readouterr()
    assert "1 added, 0 changed, 0 unchanged, 0 refused" in said.out
    assert "line 2: 12:" in said.err


def test_the_acquirer_is_believed_and_our_table_is_shown_beside_it(account):
    other = signed(account, issuer_code="PSBC", fingerprint="F1")
    dual = signed(account, scheme="unionpay_dual", fingerprint="F2")
    unknown = signed(account, bin="629999", fingerprint="F3")
    right = signed(account, fingerprint="F4")
    silent = signed(account, bin="", fingerprint="F5")

    assert (other.issuer_code, other.table_issuer_code, other.bin_check) == (
        "PSBC",
        "CCB",
        "differs",
    )
    checks = [card.bin_check for card in (dual, unknown, right, silent)]
    assert checks == ["differs", "unknown", "agrees", ""]
    assert {card.status for card in CardAgreement.objects.all()} == {"active"}


def test_what_the_acquirer_does_not_say_our_table_says(account):
    card = signed(account, issuer_code="", issuer_name="", kind="", scheme="")

    assert (card.issuer_code, card.issuer_name, card.kind, card.scheme) == (
        "CCB",
        "中国建设银行",
        "credit",
        "unionpay_single",
    )


def test_a_doubtful_prefix_contradicts_nobody(account):
    card = signed(account, bin="625955")

    assert (card.kind, card.table_kind, card.bin_check) == ("credit", "debit", "agrees")


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser(username="xiaomei", password="x" * 12))
    return client


def upload(client, raw: bytes):
    file = SimpleUploadedFile("mine.csv", raw, content_type="text/csv")
    return client.post(reverse("admin:payments_cardbin_bring"), {"paper": file})


def test_staff_see_what_a_file_would_change_and_then_take_it_in(staff):
    shown = upload(staff, paper(NEW)).content.decode()

    assert "62998877" in shown
    assert CardBin.objects.filter(prefix="62998877").exists() is False
    compared = re.search(r'name="compared" value="([^"]+)"', shown)[1]
    done = staff.post(reverse("admin:payments_cardbin_bring"), {"compared": compared})

    assert done.url == reverse("admin:payments_cardbin_changelist")
    entry = BinImport.objects.first()
    assert (entry.file_name, entry.by, entry.added) == ("mine.csv", "xiaomei", 1)
    again = staff.post(reverse("admin:payments_cardbin_bring"), {"compared": compared})
    assert b"62998877" not in again.content
    assert BinImport.objects.count() == 2


@pytest.mark.parametrize("raw", [paper("12,CCB,建行,,debit,,,,,"), b"\xff\x00", b""])
def test_staff_cannot_take_in_what_has_a_bad_line(staff, raw):
    shown = upload(staff, raw)

    assert shown.status_code == 200
    assert b'name="compared"' not in shown.content
    assert BinImport.objects.count() == 1


def test_a_comparison_made_by_somebody_else_is_not_taken(staff):
    staff.post(reverse("admin:payments_cardbin_bring"), {"compared": "forged:1:x"})

    assert BinImport.objects.count() == 1


def test_only_who_may_changes_the_table(client):
    client.force_login(User.objects.create_user(username="guest", is_staff=True))

    assert upload(client, paper(NEW)).status_code == 403
