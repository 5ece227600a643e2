"""Bank offers in the admin: the list, and the way to every page of an offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from mall.banks.filters import OwnerFilter
from mall.banks.scope import owned_by
from mall.offerdesk.admin import acts, editor, live, offer_page, rehearsals, tester, versions
from mall.offerdesk.admin.showing import OFFER_COLOURS, bar_in_list, bars_of
from mall.offerdesk.sentences import benefit_in_words
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER

View = Callable[..., HttpResponse]


class WaitingFilter(admin.SimpleListFilter):
    """Offers about which a second person is asked."""

    title = _("a second person")
    parameter_name = "waiting"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer one choice."""
        return [("1", _("is waited for"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those with an open proposal."""
        return queryset.filter(is_waiting=True) if self.value() else queryset


@admin.register(BankOffer)
class BankOfferAdmin(ModelAdmin):
    """Each unit's own offers: written as drafts, launched by two, then only paused or ended."""

    list_display = ("title", "owner", "state_label", "benefit", "uses", "money", "ends_at")
    list_display_links = ("title",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        OwnerFilter,
        WaitingFilter,
        ("benefit_kind", ChoicesDropdownFilter),
        ("decided_by", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    list_select_related = ("owner",)
    search_fields = ("name", "code", "owner__name")
    actions_list: ClassVar = ("all_offers_tester",)

    class Media:
        """The desk's clothes."""

        css: ClassVar = {"all": ("offerdesk/desk.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankOffer]:
        """Show the offers of her unit and those below."""
        waits = Proposal.objects.filter(
            subject_kind=OFFER, subject_pk=OuterRef("pk"), status=Proposal.Status.PROPOSED
        )
        rows = super().get_queryset(request).annotate(is_waiting=Exists(waits))
        return owned_by(rows, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: BankOffer | None = None) -> bool:
        """Let only drafts be thrown away, one by one."""
        is_draft = obj is not None and obj.state == BankOffer.State.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of an offer."""
        pages: dict[str, View] = {
            "edit": editor.edit_page,
            "act": acts.act_page,
            "live": live.live_page,
            "live/now": live.now_part,
            "tester": tester.tester_page,
            "rehearsal": rehearsals.rehearsal_page,
            "versions": versions.versions_page,
        }
        own = [
            path(
                f"<int:pk>/{route}/",
                self.admin_site.admin_view(self._of_one(view)),
                name=f"promotions_bankoffer_{route.replace('/', '_')}",
            )
            for route, view in pages.items()
        ]
        for route, view in (("summary", editor.summary_part), ("tester", tester.tester_page)):
            name = f"promotions_bankoffer_all_{route}"
            own.append(path(f"{route}/", self.admin_site.admin_view(self._of_all(view)), name=name))
        return own + super().get_urls()

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Write a new draft."""
        del form_url, extra_context
        return editor.add_page(self, request)

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an offer with what may be done about it."""
        del form_url, extra_context
        return offer_page.offer_page(self, request, self.found(request, object_id))

    def found(self, request: HttpRequest, pk: int | str) -> BankOffer:
        """Return an offer she may see; Http404 for any other, as for one that is not there."""
        offer = self.get_object(request, str(pk))
        if offer is None or not self.has_view_permission(request, offer):
            raise Http404
        return offer

    def _of_one(self, view: View) -> View:
        def respond(request: HttpRequest, pk: int) -> HttpResponse:
            return view(self, request, self.found(request, pk))

        return respond

    def _of_all(self, view: View) -> View:
        def respond(request: HttpRequest) -> HttpResponse:
            if not self.has_view_permission(request):
                raise Http404
            return view(self, request, None)

        return respond

    @action(description=_("Try a card and a basket"), url_path="try", permissions=["view"])
    def all_offers_tester(self, request: HttpRequest) -> HttpResponse:
        """Go to the tester over all offers."""
        return tester.tester_page(self, request, None)

    @display(description=_("bank offer"), ordering="name", header=True)
    def title(self, offer: BankOffer) -> list[str]:
        """Show name and code."""
        return [str(offer), offer.code]

    @display(description=_("state"), ordering="state", label=OFFER_COLOURS)
    def state_label(self, offer: BankOffer) -> tuple[str, str]:
        """Show the state in colour, and whether it waits for somebody."""
        word = str(offer.get_state_display())
        if offer.is_waiting:  # type: ignore[attr-defined]
            word += " · " + str(_("waits for a second person"))
        return offer.state, word

    @display(description=_("benefit"))
    def benefit(self, offer: BankOffer) -> str:
        """Show "¥16 off from ¥200"."""
        return benefit_in_words(offer)

    @display(description=_("uses"))
    def uses(self, offer: BankOffer) -> SafeString:
        """Show how many uses are gone, of how many."""
        return bar_in_list(bars_of(offer)[1])

    @display(description=_("budget"))
    def money(self, offer: BankOffer) -> SafeString:
        """Show how much of the budget is gone."""
        return bar_in_list(bars_of(offer)[0])
