"""What a phone did without a connection: once, in order, signed; what clashed is told in words."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from groupleader.errors import DeviceKeyError
from groupleader.models import DeviceAct, DeviceKey, Leader
from groupleader.portal.act_words import what_happened, what_to_do
from groupleader.services.acts import Signed, finish_due
from groupleader.services.devices import register_device, revoke_device
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.models import Arrival, Collection
from mall.fulfilment.receiving import expected_items, record_arrival
from mall.ordering.models import Status
from payments.api import now
from tests.factories.groups import make_person
from tests.groupleader.making import make_user
from tests.groupleader.telephones import Telephone, ends, sha
from tests.mall.fulfilment.counter import all_arrived, bought, form, fresh, line
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def group(acquirer):
    """A group whose leader may enter the portal."""
    found = make_worked_group()
    Leader.objects.create(user=found.leader, name="王姐", status=Leader.Status.ACTIVE)
    return found


@pytest.fixture
def order(group, acquirer):
    """Two pieces of corn at the point."""
    found = bought(group, acquirer, payable=6000, first=2)
    all_arrived(group)
    return fresh(found)


@pytest.fixture
def phone(group) -> Telephone:
    """The leader's telephone."""
    return Telephone(group.leader)


def test_a_bag_handed_over_there_is_collected_here_once(order, phone):
    act = phone.hands_over(order)

    assert ends(phone.tells(act)) == ["done"]
    assert ends(phone.tells(act)) == ["already"]
    assert ends(phone.tells(act, act)) == ["already", "already"]

    visit = Collection.objects.get()
    assert (fresh(order).status, visit.key, visit.means) == (
        Status.COLLECTED,
        json.loads(act.text)["id"],
        "code",
    )
    assert DeviceAct.objects.get().end == "done"


def test_what_was_taken_when_the_server_stopped_is_done_by_the_job(order, phone):
    act = phone.hands_over(order)
    said = json.loads(act.text)
    DeviceAct.objects.create(
        device=phone.device,
        user=phone.user,
        act_id=said["id"],
        seq=said["seq"],
        kind=said["kind"],
        order_no=order.order_no,
        at=now(),
        text=act.text,
        signature=act.signature,
        received_at=now() - timedelta(minutes=3),
    )

    assert [finish_due(10), finish_due(10)] == [{"finished": 1}, {"finished": 0}]
    assert ends(phone.tells(act)) == ["already"]
    assert Collection.objects.count() == 1


def test_parts_then_the_rest_then_undone_in_the_order_they_happened(order, phone):
    corn = line(order).pk
    acts = [phone.hands_over(order, {corn: 1}), phone.hands_over(order, {corn: 1})]
    acts.append(phone.undoes(acts[1]))

    assert ends(phone.tells(*acts)) == ["done", "done", "done"]

    assert fresh(order).status == Status.ARRIVED
    assert Collection.objects.filter(undone_at=None).count() == 1


def test_another_order_of_acts_is_refused_and_nothing_is_lost(order, phone):
    corn = line(order).pk
    first, second = phone.hands_over(order, {corn: 1}), phone.hands_over(order, {corn: 1})

    assert ends(phone.tells(second, first)) == ["refused:out_of_order"]
    assert not Collection.objects.exists()
    assert ends(phone.tells(first, second)) == ["done", "done"]


def test_what_is_forged_changed_or_unreadable_is_refused_and_counted(order, phone, group):
    act = phone.hands_over(order)
    other = Telephone(group.leader)
    more = act.text.replace('"pieces":{', '"pieces":{"999":1,')

    assert ends(phone.tells(replace(act, text=more))) == ["refused:forged"]
    assert ends(phone.tells(replace(act, signature=other.sign(act.text)))) == ["refused:forged"]
    assert ends(other.tells(act)) == ["refused:forged"]
    for broken in ("", "[]", "{}", '{"v":1}', "[" * 9000, act.text[:-1], '{"v":1,"id":1e999}'):
        signed = Signed(text=broken, signature=phone.sign(broken))
        assert ends(phone.tells(signed)) == ["refused:unreadable"]
    for signature in ("", "x", "AAAA", "=" * 88):
        assert ends(phone.tells(replace(act, signature=signature))) == ["refused:forged"]
    assert (DeviceAct.objects.count(), Collection.objects.count()) == (0, 0)
    assert DeviceKey.objects.get(pk=phone.device.pk).refused == 13

    phone.tells(act)
    again = json.dumps(json.loads(act.text) | {"means": "list"})
    assert ends(phone.tells(Signed(text=again, signature=phone.sign(again)))) == ["refused:changed"]


def test_a_phone_taken_off_the_list_tells_nothing_any_more(order, phone, group):
    act = phone.hands_over(order)
    revoke_device(device=phone.device, by=group.leader)

    assert ends(phone.tells(act)) == ["refused:revoked"]
    assert fresh(order).status == Status.ARRIVED
    with pytest.raises(DeviceKeyError):
        register_device(user=group.leader, public_key=phone.public_key, name="")


@pytest.mark.parametrize("key", ["", "x", "AAAA", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", "é" * 50])
def test_a_key_that_is_none_makes_no_phone(group, key):
    with pytest.raises(DeviceKeyError):
        register_device(user=group.leader, public_key=key, name="\x00" + "x" * 500)


def test_who_was_faster_is_told_with_name_and_time(order, phone, group):
    helper = make_user("小周", is_staff=True)
    act = phone.hands_over(order)
    collect_order(order_no=order.order_no, by=helper)

    assert ends(phone.tells(act)) == ["conflict:collected"]
    assert ends(phone.tells(act)) == ["conflict:collected"]

    row = DeviceAct.objects.get()
    assert "小周" in what_happened(row)
    assert what_to_do(row)
    assert Collection.objects.count() == 1


def test_her_own_hand_over_a_moment_ago_is_the_same_one(order, phone, group):
    collect_order(order_no=order.order_no, by=group.leader)

    assert ends(phone.tells(phone.hands_over(order))) == ["done"]
    late = (now() - timedelta(hours=2)).isoformat()
    assert ends(phone.tells(phone.hands_over(order, at=late))) == ["conflict:collected"]
    assert Collection.objects.count() == 1


def test_each_clash_has_its_reason(group, acquirer, phone):
    early = bought(group, acquirer, name="李小娟", payable=3000, first=1)
    stranger = Telephone(make_person("别人"))
    two = bought(group, acquirer, payable=6000, first=2)

    assert ends(phone.tells(phone.hands_over(early))) == ["conflict:not_here"]
    all_arrived(group)
    two, early = fresh(two), fresh(early)
    too_many = {line(two).pk: 5}
    unknown = {"order_no": "M1", "pieces": {"1": 1}, "point": 1, "means": "list"}

    assert ends(stranger.tells(stranger.hands_over(early))) == ["conflict:not_yours"]
    assert ends(stranger.tells(stranger.hands_over(early, point=99_999))) == ["conflict:moved"]
    assert ends(phone.tells(phone.does(kind="hand_over", **unknown))) == ["conflict:unknown"]
    assert ends(phone.tells(phone.hands_over(two, too_many))) == ["conflict:fewer"]
    assert fresh(two).status == Status.COLLECTED
    assert all(what_happened(act) != act.reason for act in DeviceAct.objects.filter(end="conflict"))


def _photo() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(picture, format="JPEG")
    return picture.getvalue()


def test_a_delivery_counted_there_is_counted_here_with_its_photo(group, acquirer, phone):
    order = bought(group, acquirer, payable=6000, first=2)
    form(group)
    picture = _photo()
    act = phone.counts_in(group, expected_items(group.pk), photos=[sha(picture)])

    wrong = {sha(picture): SimpleUploadedFile("p.jpg", b"something else")}
    assert ends(phone.tells(act, photos=wrong)) == ["refused:changed"]
    right = {sha(picture): SimpleUploadedFile("p.jpg", picture)}
    assert ends(phone.tells(act, photos=right)) == ["done"]
    assert ends(phone.tells(act, photos=right)) == ["already"]

    assert (Arrival.objects.get().photos.count(), fresh(order).status) == (1, Status.ARRIVED)


def test_a_delivery_counted_twice_is_a_conflict_only_where_the_figures_differ(
    group, acquirer, phone
):
    bought(group, acquirer, payable=6000, first=2)
    form(group)
    expected = expected_items(group.pk)
    same = phone.counts_in(group, expected)
    less = phone.counts_in(group, dict.fromkeys(expected, 0))
    strange = phone.counts_in(group, {999_999: 1})
    record_arrival(group_id=group.pk, counts=expected, by=group.leader)

    assert ends(phone.tells(same, less)) == ["done", "conflict:received"]
    assert ends(phone.tells(strange)) == ["conflict:received"]
    assert DeviceAct.objects.filter(reason="received").count() == 2


def test_a_delivery_that_holds_other_goods_is_counted_again(group, acquirer, phone):
    bought(group, acquirer, payable=6000, first=2)
    act = phone.counts_in(group, {999_999: 1})

    assert ends(phone.tells(act)) == ["conflict:not_sent"]
    form(group)
    assert ends(phone.tells(phone.counts_in(group, {999_999: 1}))) == ["conflict:wrong_counts"]
    assert not Arrival.objects.exists()
