"""Reviews in the admin: read, answered, hidden with a reason; never written or changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from mall.reviews.desk import REASON_MAX, REPLY_MAX, answer, hide, show_again
from mall.reviews.models import Review
from payments.admin.spreadsheets import spreadsheet
from payments.api import local


class ReviewForm(forms.ModelForm):  # type: ignore[type-arg]
    """What staff may do: answer, hide with a reason, show again by taking the reason out."""

    answer_text = forms.CharField(
        label=_("the mall's answer"),
        max_length=REPLY_MAX,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Everybody reads it under the review."),
    )
    why_hidden = forms.CharField(
        label=_("hidden because"),
        max_length=REASON_MAX,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("With a reason nobody else sees it, and she is told. Empty: it is shown."),
    )

    class Meta:
        """Nothing of hers is changed."""

        model = Review
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show what is there."""
        super().__init__(*args, **kwargs)
        self.fields["answer_text"].initial = self.instance.reply
        self.fields["why_hidden"].initial = self.instance.hidden_because


class ShownFilter(admin.SimpleListFilter):
    """Reviews by whether residents can read them."""

    title = _("shown")
    parameter_name = "shown"

    def lookups(self, *_args: Any) -> list[tuple[str, Any]]:
        """Offer both, and those that wait for an answer."""
        return [
            ("yes", _("shown")),
            ("hidden", _("hidden")),
            ("unanswered", _("three stars or fewer, not answered")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        """Apply it."""
        if self.value() == "yes":
            return queryset.filter(hidden_at=None)
        if self.value() == "hidden":
            return queryset.exclude(hidden_at=None)
        if self.value() == "unanswered":
            return queryset.filter(hidden_at=None, replied_at=None, stars__lte=3)
        return queryset


@admin.register(Review)
class ReviewAdmin(ModelAdmin):  # type: ignore[misc]
    """What residents said."""

    form = ReviewForm
    list_display = ("at", "product", "given", "text", "order", "is_shown", "is_answered")
    list_filter = (ShownFilter, "stars", "at")
    list_select_related = ("product", "line__order")
    search_fields = ("text", "product__title", "line__order__order_no", "reply")
    date_hierarchy = "at"
    readonly_fields = ("product", "order", "given", "text", "pictures", "at")
    fields = (*readonly_fields, "answer_text", "why_hidden")
    actions = ("export_xlsx",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: only residents review."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: hide it, with a reason."""
        return False

    def save_model(self, request: HttpRequest, obj: Review, form: Any, *rest: Any) -> None:
        """Answer, hide or show again."""
        reply, reason = form.cleaned_data["answer_text"], form.cleaned_data["why_hidden"].strip()
        if reply.strip() != obj.reply:
            answer(review_id=obj.pk, by=request.user, text=reply)  # type: ignore[arg-type]
        if reason and obj.hidden_at is None:
            hide(review_id=obj.pk, by=request.user, reason=reason)  # type: ignore[arg-type]
            messages.info(request, _("Hidden. She reads the reason among her reviews."))
        if not reason and obj.hidden_at is not None:
            show_again(review_id=obj.pk)

    @admin.display(description=_("stars"), ordering="stars")
    def given(self, review: Review) -> str:
        """Draw the stars."""
        return "★" * review.stars + "☆" * (5 - review.stars)

    @admin.display(description=_("order"))
    def order(self, review: Review) -> str:
        """Name the order."""
        return str(review.line.order.order_no)

    @admin.display(description=_("shown"), boolean=True)
    def is_shown(self, review: Review) -> bool:
        """Tell whether residents can read it."""
        return review.hidden_at is None

    @admin.display(description=_("answered"), boolean=True)
    def is_answered(self, review: Review) -> bool:
        """Tell whether the mall answered."""
        return review.replied_at is not None

    @admin.display(description=_("pictures"))
    def pictures(self, review: Review) -> str:
        """Show its pictures."""
        shape = '<a href="{}" target="_blank" rel="noopener"><img src="{}" width="80" alt=""></a>'
        return format_html_join(
            " ", shape, ((photo.image.url, photo.small.url) for photo in review.photos.all())
        )

    @admin.action(description=_("Export as a workbook"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, reviews: QuerySet[Review]) -> HttpResponseBase:
        """Give the chosen reviews as a sheet, without names."""
        headers = [_now("When"), _now("Product"), _now("Stars"), _now("Text"), _now("Answer")]
        headers += [_now("Hidden because")]
        rows = (
            [
                f"{local(row.at):%Y-%m-%d %H:%M}",
                row.product.get_title(),
                row.stars,
                row.text,
                row.reply,
                row.hidden_because,
            ]
            for row in reviews.select_related("product").iterator()
        )
        return spreadsheet("xlsx", name="reviews", headers=headers, rows=rows)
