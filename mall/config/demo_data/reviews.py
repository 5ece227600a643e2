"""What the demo's residents said about goods they collected, and which have their hearts."""

from __future__ import annotations

from typing import Final

from mall.accounts.models import User
from mall.catalogue.favourites import like
from mall.catalogue.models import Favourite
from mall.ordering.models import LineFulfilment
from mall.reviews.desk import answer
from mall.reviews.models import Review
from mall.reviews.writing import reviewable, write_review

_SAID: Final = (
    (5, "很新鲜，家里老人孩子都爱吃。"),
    (5, "包装仔细，到自提点还是凉的，回购第三次了。"),
    (4, "味道不错，份量也足，就是自提人多要排一会儿。"),
    (5, "比菜场便宜，分量准。"),
    (3, "这次个头小了一点，希望下次挑大些。"),
    (5, "团长很负责，缺的一个当场就退了。"),
    (4, ""),
)
_ANSWER: Final = "谢谢您告诉我们，已经请供应商按规格分拣。"
_LINES_EACH: Final = 5
_HEARTS_EACH: Final = 4


def load_reviews(people: dict[str, User]) -> None:
    """Let everybody who collected something say a word, unless somebody has."""
    if Review.objects.exists():
        return
    said, staff = 0, User.objects.get(username="admin")
    for resident in people.values():
        for line in list(reviewable(resident.pk)[:_LINES_EACH]):
            stars, text = _SAID[said % len(_SAID)]
            review = write_review(
                resident=resident,
                line_id=line.pk,
                stars=stars,
                text=text,
                photos=[],
                is_named=said % 3 > 0,
            )
            if stars <= 3:
                answer(review_id=review.pk, by=staff, text=_ANSWER)
            said += 1


def load_favourites(people: dict[str, User]) -> None:
    """Put everybody's heart on some of what she bought, unless somebody's is on something."""
    if Favourite.objects.exists():
        return
    for resident in people.values():
        bought = LineFulfilment.objects.filter(order__resident=resident).order_by("product_id")
        products = bought.values_list("product_id", flat=True).distinct()[:_HEARTS_EACH]
        for product_id in products:
            like(resident_id=resident.pk, product_id=product_id)
