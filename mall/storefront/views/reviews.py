"""Reviews: everybody's of a product, her own, and writing one."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from oscar.apps.catalogue.models import Product

from mall.accounts.models import User
from mall.catalogue.ratings import stars_of
from mall.catalogue.titles import title_of
from mall.ordering.models import LineFulfilment
from mall.reviews.models import Review
from mall.reviews.selectors import own_reviews, row_of, shown_reviews
from mall.reviews.writing import PHOTOS_MAX, TEXT_MAX, reviewable, write_review
from mall.storefront.reading import number_of
from mall.storefront.visitor import resident
from payments.api import LinliError

_PER_PAGE: Final = 20
_WAITING_SHOWN: Final = 50


@require_GET
def product_reviews(request: HttpRequest, product_id: int) -> HttpResponse:
    """Show what residents said about a product; nothing else and nobody else."""
    products = Product.objects.filter(pk=product_id, is_public=True)
    product = products.select_related("extra", "rating_of_residents").first()
    if product is None:
        raise Http404
    pages = Paginator(shown_reviews(product.pk), _PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "title": title_of(product),
        "stars": stars_of(product),
        "reviews": [row_of(review) for review in page.object_list],
        "page": page,
    }
    return render(request, "storefront/reviews.html", context)


@require_GET
@login_required
def my_reviews(request: HttpRequest) -> HttpResponse:
    """Show what she may review and what she said; what was hidden, with the reason."""
    person = _person(request)
    pages = Paginator(own_reviews(person.pk), _PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "waiting": reviewable(person.pk)[:_WAITING_SHOWN],
        "reviews": [row_of(review, is_own=True) for review in page.object_list],
        "page": page,
    }
    return render(request, "storefront/my_reviews.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def write(request: HttpRequest, line_id: int) -> HttpResponse:
    """Write a review of one line she collected; what is refused is said beside what she wrote."""
    person = _person(request)
    if Review.objects.filter(line=line_id, resident=person).exists():
        return redirect("storefront:my-reviews")
    line = reviewable(person.pk).filter(pk=line_id).first()
    if line is None:
        raise Http404
    status = 200
    if request.method == "POST":
        try:
            _write(request, person, line)
        except LinliError as error:
            messages.warning(request, str(error.user_message))
            status = error.http_status if error.http_status < 500 else 400
        else:
            messages.success(request, _("Thank you. Your neighbours can read it now."))
            return redirect("storefront:my-reviews")
    return render(request, "storefront/write_review.html", _form(request, line), status=status)


def _write(request: HttpRequest, person: User, line: LineFulfilment) -> None:
    write_review(
        resident=person,
        line_id=line.pk,
        stars=number_of(request.POST.get("stars")) or 0,
        text=request.POST.get("text", ""),
        photos=request.FILES.getlist("photos"),
        is_named=request.POST.get("is_named") == "1",
    )


def _form(request: HttpRequest, line: LineFulfilment) -> dict[str, Any]:
    """Return what the form shows: what she wrote stays, only files must be chosen again."""
    return {
        "line": line,
        "text_max": TEXT_MAX,
        "photos_max": PHOTOS_MAX,
        "stars": number_of(request.POST.get("stars")),
        "text": request.POST.get("text", "")[: 2 * TEXT_MAX],
        "is_named": request.method == "GET" or request.POST.get("is_named") == "1",
        "choices": [
            (5, _("Very good")),
            (4, _("Good")),
            (3, _("All right")),
            (2, _("Not good")),
            (1, _("Bad")),
        ],
    }


def _person(request: HttpRequest) -> User:
    """Return who is signed in; login_required has seen to it."""
    person = resident(request)
    if person is None:
        raise Http404
    return person
