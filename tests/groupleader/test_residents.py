"""A leader's residents: found again, counted in her groups alone, and what she notes stays hers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from groupleader import residents as selectors
from groupleader.errors import NoteRefusedError
from groupleader.models import Leader, ResidentNote, ResidentTag
from groupleader.services.neighbours import (
    NOTES_MOST,
    add_note,
    change_note,
    delete_note,
    forget_residents,
    set_tags,
)
from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment, Status
from payments.api import now
from tests.factories.groups import make_person
from tests.groupleader.making import make_leader
from tests.groupleader.neighbourhood import make_led_group, make_neighbours, order_each

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def group() -> LeaderGroup:
    return make_led_group()


@pytest.fixture
def leader(group) -> Leader:
    return group.leader.leader


def known(group: LeaderGroup, name: str = "王秀兰", **fields: object) -> User:
    """Somebody of a name who has ordered."""
    person = make_person(name)
    order_each(group, [person], **fields)
    return person


def found(leader: Leader, **wish: str) -> set[int]:
    return {each.resident_id for each in selectors.residents(leader, **wish)[:50]}


@pytest.mark.parametrize("query", ["王", "秀兰", "wxl", "wangxiu", "WXL", "{tail}", "{phone}"])
def test_she_is_found_by_name_first_letters_and_last_digits(group, leader, query):
    person = known(group)
    known(group, "李建国")
    query = query.format(tail=person.phone[-4:], phone=person.phone.removeprefix("+86"))

    assert found(leader, query=query) == {person.pk}


@pytest.mark.parametrize("query", ["39", "139", "13900", "zzz", "%", "_", "'; --", "\0", "9" * 80])
def test_a_search_that_fits_nobody_finds_nobody(group, leader, query):
    known(group)

    assert not found(leader, query=query)


def test_what_is_counted_is_what_she_did_in_these_groups(group, leader):
    person, pickup = make_person("王秀兰"), group.group_buy.pickup_on
    at = now()
    in_time = {"status": Status.CLOSED, "collected_at": at}
    order_each(group, [person], at=at - 3 * DAY, **in_time)
    order_each(group, [person], at=at - 2 * DAY, status=Status.REFUNDED)
    late = at + timedelta(days=(pickup - at.date()).days + 2)
    order_each(group, [person], at=at - DAY, status=Status.COLLECTED, collected_at=late)

    row = selectors.resident(leader, person.pk)

    assert (row.orders, row.repeats, row.goods_minor) == (2, 1, 6000)
    assert (row.came, row.on_time, row.overdue, row.on_time_percent) == (2, 1, 1, 50)
    assert (row.first_at, row.last_at) == (at - 3 * DAY, at - DAY)
    assert row.masked_name == "王*兰"
    assert row.phone_tail == person.phone[-4:]


def test_filters_find_regulars_new_sleeping_and_late_ones(group, leader):
    at = now()
    regular = make_person("常客")
    for days in (50, 40, 31, 30.5):
        order_each(group, [regular], at=at - days * DAY)
    new = known(group, "新客")
    late = make_person("迟客")
    after = at + 30 * DAY
    for _nth in range(2):
        order_each(group, [late], at=at - 31 * DAY, status=Status.CLOSED, collected_at=after)
    order_each(group, [late], at=at)

    assert found(leader) == {regular.pk, new.pk, late.pk}
    assert found(leader, show="regular") == {regular.pk}
    assert found(leader, show="new") == {new.pk}
    assert found(leader, show="sleeping") == {regular.pk}
    assert found(leader, show="overdue") == {late.pk}
    assert found(leader, show="nonsense") == found(leader)


def test_a_page_asks_the_same_questions_of_one_resident_and_of_hundreds(group, leader):
    def asked() -> int:
        with CaptureQueriesContext(connection) as counted:
            rows = selectors.residents(leader, query="lj")
            assert len(rows)
            assert rows[:20]
        return len(counted)

    first = make_neighbours(1)
    order_each(group, first)
    set_tags(leader=leader, resident_id=first[0].pk, names=["老人"])
    one = asked()
    order_each(group, make_neighbours(299))
    assert len(selectors.residents(leader)) == 300

    assert asked() == one
    assert one <= 8


def test_only_what_she_handled_herself_is_hers_after_a_handover(group, leader):
    person = known(group, status=Status.CLOSED)
    order_each(group, [person])
    other = make_leader("周明", payee=False)
    OrderFulfilment.objects.filter(status=Status.PAID).update(leader=other.user)
    stranger = known(group, "李建国")
    OrderFulfilment.objects.filter(resident=stranger).update(leader=other.user)

    assert found(leader) == {person.pk}
    assert found(other) == {person.pk, stranger.pk}
    assert selectors.resident(leader, person.pk).orders == 1
    assert len(selectors.resident_page(other, person.pk).orders) == 1


class TestNotes:
    """What she writes down about a resident."""

    def test_a_note_is_written_once_changed_and_deleted(self, group, leader):
        person = known(group)

        note = add_note(leader=leader, resident_id=person.pk, text=" 对花生\0  过敏 ")
        again = add_note(leader=leader, resident_id=person.pk, text="对花生 过敏")
        assert again == note
        assert (note.text, note.changed_at) == ("对花生 过敏", None)

        changed = change_note(leader=leader, note_id=note.pk, text="住三楼")
        assert (changed.text, bool(changed.changed_at)) == ("住三楼", True)
        assert delete_note(leader=leader, note_id=note.pk) == person.pk
        with pytest.raises(ResidentNote.DoesNotExist):
            delete_note(leader=leader, note_id=note.pk)

    @pytest.mark.parametrize("text", ["", "  \n ", "\0", "长" * 201])
    def test_nothing_and_a_novel_are_no_notes(self, group, leader, text):
        person = known(group)

        with pytest.raises(NoteRefusedError):
            add_note(leader=leader, resident_id=person.pk, text=text)

    def test_there_are_only_so_many_notes_and_tags(self, group, leader):
        person = known(group)
        for nth in range(NOTES_MOST):
            add_note(leader=leader, resident_id=person.pk, text=f"第{nth}条")

        with pytest.raises(NoteRefusedError):
            add_note(leader=leader, resident_id=person.pk, text="再来一条")
        with pytest.raises(NoteRefusedError):
            set_tags(leader=leader, resident_id=person.pk, names=[f"标签{n}" for n in range(9)])
        with pytest.raises(NoteRefusedError):
            set_tags(leader=leader, resident_id=person.pk, names=["长" * 13])

    def test_tags_are_what_she_typed_and_find_residents_again(self, group, leader):
        person, other = known(group), known(group, "李建国")

        set_tags(leader=leader, resident_id=person.pk, names=["老人", "送上门", "老人", ""])
        set_tags(leader=leader, resident_id=person.pk, names=["老人"])
        set_tags(leader=leader, resident_id=other.pk, names=["送上门"])

        assert selectors.resident(leader, person.pk).tags == ("老人",)
        assert found(leader, tag="老人") == {person.pk}
        assert found(leader, tag="没有") == set()
        assert selectors.tags_of(leader) == ["老人", "送上门"]

    def test_they_go_when_the_account_is_closed(self, group, leader):
        person, stays = known(group), known(group, "李建国")
        for each in (person, stays):
            add_note(leader=leader, resident_id=each.pk, text="记一笔")
            set_tags(leader=leader, resident_id=each.pk, names=["老人"])
        User.objects.filter(pk=person.pk).update(is_active=False)

        assert forget_residents(10) == {"closed": 2, "old": 0}
        assert forget_residents(10) == {"closed": 0, "old": 0}
        assert list(ResidentNote.objects.values_list("resident_id", flat=True)) == [stays.pk]

    def test_they_go_some_time_after_the_last_order_with_her(self, group, leader, settings):
        gone, stays = known(group, at=now() - 500 * DAY), known(group, "李建国")
        for each in (gone, stays):
            add_note(leader=leader, resident_id=each.pk, text="记一笔")
        ResidentNote.objects.update(kept_until=now() - DAY)

        assert forget_residents(10) == {"closed": 0, "old": 1}
        (kept,) = ResidentNote.objects.all()
        assert kept.resident_id == stays.pk
        assert kept.kept_until > now() + (settings.LINLI_NOTES_KEPT_DAYS - 1) * DAY
        assert not ResidentTag.objects.exists()
