"""Reviews: by who collected it, once, in time; hidden with a reason; nothing is invented."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from mall.catalogue.ratings import stars_of
from mall.groupbuy.models import LeaderGroup
from mall.messaging.models import Message
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.papers.uploads import UploadRefusedError
from mall.reviews.desk import answer, hide, show_again
from mall.reviews.errors import NotReviewableError, ReviewTextError
from mall.reviews.models import Review, ReviewPhoto
from mall.reviews.selectors import own_reviews, reviews_of, row_of
from mall.reviews.writing import reviewable, write_review
from payments.api import deliver_pending
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import make_worked_group
from tests.mall.papers.test_uploads import drawn
from tests.mall.reviews.collected import collect

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(acquirer) -> LeaderGroup:
    return make_worked_group()


def say(line: LineFulfilment, **changes) -> Review:
    said = {"stars": 5, "text": "很甜", "photos": [], "is_named": True}
    return write_review(resident=line.order.resident, line_id=line.pk, **{**said, **changes})


def stars(line: LineFulfilment):
    line.product.refresh_from_db()
    return stars_of(line.product)


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", drawn())


def test_who_collected_it_says_what_it_was_like_once(group):
    (line,) = collect(group, make_person("王小花"))

    first, again = say(line, stars=4, photos=[photo(), photo()]), say(line, stars=1, text="bad")

    assert again == first
    assert (Review.objects.get().stars, ReviewPhoto.objects.count()) == (4, 2)
    row = reviews_of(line.product_id, limit=3)[0]
    assert (row.name, row.text, len(row.photos), len(row.filled)) == ("王*花", "很甜", 2, 4)
    assert list(reviewable(line.order.resident_id)) == []
    assert (stars(line).average, stars(line).reviews) == ("4.0", 1)


def test_the_average_is_that_of_the_reviews_residents_can_read(group):
    lines = [collect(group)[0] for _ in range(3)]
    for line, given in zip(lines, (5, 4, 1), strict=True):
        review = say(line, stars=given)
    assert (stars(line).average, stars(line).reviews) == ("3.3", 3)

    clerk = make_person("店员")
    assert hide(review_id=review.pk, by=clerk, reason="与商品无关")
    assert not hide(review_id=review.pk, by=clerk, reason="again")
    assert (stars(line).average, stars(line).reviews) == ("4.5", 2)
    assert len(reviews_of(line.product_id, limit=9)) == 2
    own = row_of(own_reviews(line.order.resident_id).get(), is_own=True)
    assert own.hidden_because == "与商品无关"
    deliver_pending(1000)
    told = Message.objects.get(kind="review.hidden")
    assert told.user_id == line.order.resident_id
    assert told.values["reason"] == "与商品无关"

    assert show_again(review_id=review.pk)
    assert not show_again(review_id=review.pk)
    assert stars(line).reviews == 3


def test_without_reviews_there_are_no_stars(group):
    (line,) = collect(group)
    assert stars(line) is None

    hide(review_id=say(line).pk, by=make_person(), reason="x")
    assert stars(line) is None


@pytest.mark.parametrize(
    "spoil",
    [
        {"status": Status.ARRIVED},
        {"status": Status.REFUNDED},
        {"collected_at": None},
        "late",
        "another's",
        "paid back",
    ],
    ids=str,
)
def test_who_did_not_collect_and_keep_it_says_nothing(group, spoil):
    (line,) = collect(group, days_ago=31 if spoil == "late" else 29)
    person = make_person() if spoil == "another's" else line.order.resident
    if isinstance(spoil, dict):
        OrderFulfilment.objects.filter(pk=line.order_id).update(**spoil)
    if spoil == "paid back":
        LineFulfilment.objects.filter(pk=line.pk).update(
            refunded_quantity=line.quantity, refunded_minor=line.value_minor
        )

    with pytest.raises(NotReviewableError):
        write_review(resident=person, line_id=line.pk, stars=5, text="", photos=[], is_named=False)
    assert Review.objects.count() == 0


def test_what_was_kept_in_part_can_be_reviewed(group):
    (line,) = collect(group, first=3)
    LineFulfilment.objects.filter(pk=line.pk).update(refunded_quantity=2, refunded_minor=6000)

    assert say(line).pk


def test_words_and_stars_that_cannot_be_shown_are_refused(group):
    (line,) = collect(group)

    for wrong in (
        {"stars": 0},
        {"stars": 6},
        {"text": "好" * 501},
        {"text": "加我 138 0013 8000"},
        {"text": "微信13800138000"},
        {"photos": [photo()] * 7},
    ):
        with pytest.raises(ReviewTextError):
            say(line, **wrong)
    assert Review.objects.count() == 0


def test_a_hostile_file_leaves_no_review(group):
    (line,) = collect(group)

    with pytest.raises(UploadRefusedError):
        say(line, photos=[photo(), SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>")])
    assert (Review.objects.count(), ReviewPhoto.objects.count()) == (0, 0)


def test_the_mall_answers_and_takes_it_back(group):
    (line,) = collect(group)
    review = say(line, stars=2, is_named=False)

    answer(review_id=review.pk, by=make_person("店员"), text=" 抱歉，已补发 ")
    row = reviews_of(line.product_id, limit=1)[0]
    assert row.reply == "抱歉，已补发"
    answer(review_id=review.pk, by=make_person(), text="")
    assert Review.objects.get().replied_at is None
    with pytest.raises(ValueError, match="300"):
        answer(review_id=review.pk, by=make_person(), text="好" * 301)
    with pytest.raises(ValueError, match="reason"):
        hide(review_id=review.pk, by=make_person(), reason=" ")


def test_the_table_refuses_what_the_services_would_not_write(group):
    (line,) = collect(group)
    review = say(line)

    for wrong in ({"stars": 9}, {"hidden_because": "x"}, {"reply": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**wrong)
