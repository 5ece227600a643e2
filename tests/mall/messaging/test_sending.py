"""A message is written once with what made it true, and goes out by day to who wants it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from mall.messaging import dispatch
from mall.messaging.kinds import KINDS
from mall.messaging.models import Category, Delivery, Message
from mall.messaging.quiet import next_waking
from mall.messaging.reading import choose_categories, connect_chat, forget_old
from mall.messaging.sending import Note, send, send_many
from mall.messaging.wording import words_of
from payments.api import SHANGHAI, NotInTransactionError, now, travelling
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=SHANGHAI)
SOON = timedelta(seconds=5)
NIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=SHANGHAI)
MORNING = datetime(2026, 11, 23, 7, 30, tzinfo=SHANGHAI)
ARRIVED = {
    "group": "今晚接龙",
    "point": "王姐水果店",
    "code": "482913",
    "until_at": MORNING.isoformat(),
}


def tell(
    kind: str = "order.arrived", *, key: str = "M1", at: datetime = NOON, **to: object
) -> None:
    with travelling(at), transaction.atomic():
        send(kind, key=key, values=ARRIVED, **to)


def run(at: datetime = NOON) -> dict[str, int]:
    with travelling(at + SOON):
        return dispatch.send_due(10)


@pytest.mark.django_db
class TestWriting:
    """What is written down, and where it will go."""

    def test_outside_a_transaction_nothing_is_told(self, transactional_db):
        with pytest.raises(NotInTransactionError):
            send("order.arrived", key="M1", user_id=make_person().pk)

    def test_the_same_occurrence_is_told_once(self):
        person = make_person(phone="+8613900000001")

        tell(user_id=person.pk)
        tell(user_id=person.pk)

        assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)

    def test_by_night_what_can_wait_waits_until_morning(self):
        person = make_person(phone="+8613900000001")

        tell(user_id=person.pk, at=NIGHT)
        tell("batch.recalled", user_id=person.pk, at=NIGHT)

        waits = dict(Delivery.objects.values_list("message__kind", "next_at"))
        assert waits["order.arrived"] == MORNING
        assert waits["batch.recalled"] - NIGHT < timedelta(seconds=5)

    def test_a_category_turned_off_is_in_the_mall_and_not_on_her_telephone(self):
        person = make_person(phone="+8613900000001")
        choose_categories(user_id=person.pk, wanted=[Category.NEWS, Category.WORK])

        tell("group.closing", user_id=person.pk)
        tell("order.arrived", user_id=person.pk)

        assert Message.objects.count() == 2
        assert Delivery.objects.get().message.kind == "order.arrived"

    def test_in_the_chat_app_she_is_told_there_and_not_twice(self, settings):
        settings.LINLI_CHAT_BACKEND = "sandbox"
        person = make_person(phone="+8613900000001")
        connect_chat(user_id=person.pk, open_id="o-wang")

        tell(user_id=person.pk)

        assert (Delivery.objects.get().channel, Delivery.objects.get().address) == (
            "chat",
            "o-wang",
        )

    def test_many_are_written_in_a_fixed_number_of_statements(self, django_assert_max_num_queries):
        people = [make_person(phone=f"+86139000000{n:02}") for n in range(40)]

        with django_assert_max_num_queries(12), transaction.atomic():
            told = send_many(
                "order.not_formed", [Note(key=str(p.pk), user_id=p.pk) for p in people]
            )

        assert (told, Delivery.objects.count()) == (40, 40)

    def test_what_is_beyond_its_time_is_forgotten(self, settings):
        settings.LINLI_MESSAGES_KEPT_DAYS = 30
        tell(user_id=make_person().pk)
        Message.objects.update(created_at=now() - timedelta(days=31))

        assert forget_old(10) == {"forgotten": 1}
        assert forget_old(10) == {"forgotten": 0}


@pytest.mark.parametrize(
    ("at", "wakes"),
    [
        (NOON, NOON),
        (NIGHT, MORNING),
        (MORNING - timedelta(microseconds=1), MORNING),
        (MORNING, MORNING),
        (NIGHT.replace(hour=21, minute=30), MORNING),
        (NIGHT.replace(hour=21, minute=29), NIGHT.replace(hour=21, minute=29)),
    ],
)
def test_quiet_hours_are_shanghais(at, wakes):
    assert next_waking(at) == wakes


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_reads_well_with_and_without_its_figures(kind, language):
    full = ARRIVED | {
        "goods": ["糯玉米", "土鸡蛋"],
        "refund_minor": 1600,
        "payable_minor": 19200,
        "url": "https://linli.example/x",
        "number": "G1",
        "reason": "烂果",
        "outcome": "退款",
    }

    for values in (full, {}):
        words = words_of(kind, values, language=language)
        assert words.title
        assert "{" not in words.title + words.body
    if "{refund}" in str(KINDS[kind].body):
        assert "16.00" in words_of(kind, full, language=language).body


def test_what_a_person_wrote_is_never_read_as_a_pattern():
    words = words_of("case.rejected", {"goods": "{reason.__class__}", "text": "{0}"})

    assert "{reason.__class__}" in words.body
    assert "{0}" in words.body


@pytest.mark.django_db(transaction=True)
class TestGoingOut:
    """Messages on their way: once, again when it failed, given up at last."""

    def test_it_is_shown_by_the_sandbox_and_sent_once(self, acquirer):
        person = make_person(phone="+8613900000077")
        tell(user_id=person.pk)

        first, second = run(), run()

        assert (first["sent"], second["sent"]) == (1, 0)
        (shown,) = [row for row in acquirer.messages("+8613900000077") if "482913" in row["body"]]
        assert "王姐水果店" in shown["body"]

    def test_four_runners_at_once_send_it_once(self, acquirer):
        for n in range(3):
            tell(key=f"M{n}", phone="+8613900000078")

        all_at_once([run] * 4)

        assert len(acquirer.messages("+8613900000078")) == 3
        assert set(Delivery.objects.values_list("state", "tries")) == {("sent", 1)}

    def test_what_did_not_arrive_is_tried_later_and_given_up_at_last(self, settings):
        settings.LINLI_SMS_BACKEND = "tests.mall.messaging.carriers.Nobody"
        tell(phone="+8613900000079")

        at = NOON
        for wait in (0, 1, 5, 30, 120, 360):
            at += timedelta(minutes=wait) + SOON
            told = run(at)

        assert told["given_up"] == 1
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.tries, delivery.why) == ("failed", 6, "message_not_sent")
        with travelling(at):
            assert dispatch.send_again([delivery.pk]) == 1
        assert run(at)["again"] == 1

    def test_a_runner_killed_while_sending_is_followed_by_another(self, acquirer):
        tell(phone="+8613900000080")
        Delivery.objects.update(
            state=Delivery.State.SENDING, tries=1, next_at=NOON + timedelta(minutes=2)
        )

        assert run(NOON + timedelta(minutes=1))["sent"] == 0
        assert run(NOON + timedelta(minutes=2))["sent"] == 1

    def test_a_telephone_rings_so_often_a_day_and_for_urgent_things_more(self, acquirer, settings):
        settings.LINLI_MESSAGES_A_DAY = 2
        for n in range(3):
            tell(key=f"M{n}", phone="+8613900000081")
        told = run()
        tell("batch.recalled", key="B", phone="+8613900000081")

        assert (told["sent"], told["left_out"]) == (2, 1)
        assert run()["sent"] == 1
        tell(key="M9", phone="+8613900000081", at=NOON + timedelta(days=1))
        assert run(NOON + timedelta(days=1))["sent"] == 1
