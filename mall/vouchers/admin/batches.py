"""Voucher batches in the admin: written as drafts, launched by two, then watched, paused, ended."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from mall.banks.filters import OwnerFilter
from mall.banks.scope import unit_of, units_for
from mall.promotions.approvals import open_proposals
from mall.vouchers.admin.acts import act_page, acts_for
from mall.vouchers.admin.forms import FUNDERS, BatchForm
from mall.vouchers.admin.showing import BATCH_COLOURS, Scoped, as_file, yuan
from mall.vouchers.approving import BATCH
from mall.vouchers.funding import shares_of
from mall.vouchers.models import ClaimRound, Voucher, VoucherBatch
from mall.vouchers.selectors import figures_of
from mall.vouchers.wording import audience_text, goods_text, validity_text
from payments.api import Money, issuers, local

_DRAFT = VoucherBatch.State.DRAFT


class RoundInline(TabularInline):
    """The rounds in which the batch is claimed; what has begun stays as it is."""

    model = ClaimRound
    extra = 0
    fields = ("opens_at", "closes_at", "stock", "person_limit", "claimed_count")
    readonly_fields = ("claimed_count",)
    show_change_link = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let rounds be thrown away with the draft only."""
        return obj is None or obj.state == _DRAFT

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let rounds be changed while the batch is a draft."""
        return (obj is None or obj.state == _DRAFT) and super().has_change_permission(request, obj)


@admin.register(VoucherBatch)
class VoucherBatchAdmin(Scoped):
    """The rule can be edited while it is a draft; afterwards the page watches it."""

    form = BatchForm
    inlines = (RoundInline,)
    list_display = ("name", "owner", "state_label", "benefit", "given", "left", "money", "code")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), OwnerFilter)
    list_filter_submit = True
    list_select_related = ("owner",)
    search_fields = ("name", "code", "campaign")
    autocomplete_fields = ("merchants",)
    compressed_fields = True
    actions = ("export_csv", "export_xlsx")
    change_form_template = "admin/vouchers/batch.html"
    fieldsets = (
        (None, {"fields": ("name", "code", "kind", "owner", "terms")}),
        (
            _("What it gives"),
            {
                "fields": (
                    ("threshold_minor", "discount_minor"),
                    "included",
                    "excluded",
                    "physical_only",
                    "place",
                    "merchants",
                )
            },
        ),
        (_("How long it is good"), {"fields": ("valid_from", "valid_until", "valid_hours")}),
        (
            _("Who may have it, and how often"),
            {
                "fields": (
                    "audience",
                    "issuers",
                    "new_within_days",
                    ("person_limit", "worth_limit"),
                    "campaign",
                )
            },
        ),
        (_("How many, how much"), {"fields": (("total_stock", "budget_minor"), "is_prefunded")}),
        (
            _("Who pays"),
            {
                "fields": (
                    *((f"funder_{n}", f"ref_{n}", f"percent_{n}") for n in range(FUNDERS)),
                    "refund_policy",
                )
            },
        ),
    )
    shown = (
        (None, {"fields": ("name", "code", "kind", "owner", "benefit", "goods", "place")}),
        (None, {"fields": ("validity", "who", "limits", "payers", "is_prefunded", "refunds")}),
        (None, {"fields": ("terms",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add a page per act."""
        view = self.admin_site.admin_view(self.act)
        name = "vouchers_voucherbatch_act"
        return [path("<int:pk>/<slug:name>/do/", view, name=name), *super().get_urls()]

    def act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask before something is done about a batch she may see."""
        batch = self.get_object(request, str(pk))
        if batch is None:
            raise Http404
        return act_page(self, request, batch=batch, name=name)

    def get_fieldsets(self, request: HttpRequest, obj: VoucherBatch | None = None) -> Any:
        """Show a running batch in few words."""
        return self.fieldsets if obj is None or obj.state == _DRAFT else self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: VoucherBatch | None = None) -> Any:
        """Leave nothing of a running batch open to change."""
        if obj is None or obj.state == _DRAFT:
            return ()
        rows = [row for _title, options in self.shown for row in options["fields"]]
        return [name for row in rows for name in ([row] if isinstance(row, str) else row)]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Leave the rows of funders to the form itself: they are no fields of the row."""
        if obj is None or obj.state == _DRAFT:
            kwargs["fields"] = None
        form = super().get_form(request, obj, **kwargs)
        form.person = request.user
        if "owner" in form.base_fields:
            form.base_fields["owner"].queryset = units_for(request.user)
            form.base_fields["owner"].required = unit_of(request.user) is not None
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only drafts be thrown away, one by one."""
        is_draft = obj is not None and obj.state == _DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a batch with its figures and what may be done about it."""
        batch = self.get_object(request, object_id)
        context: dict[str, Any] = {"show_save_and_add_another": False}
        if batch is not None:
            context |= _watched(request, batch)
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    @display(description=_("state"), label=BATCH_COLOURS)
    def state_label(self, batch: VoucherBatch) -> tuple[str, str]:
        """Colour the state."""
        return batch.state, batch.get_state_display()

    @admin.display(description=_("benefit"))
    def benefit(self, batch: VoucherBatch) -> str:
        """Show "¥100.00 − ¥30.00"."""
        return f"{yuan(batch.threshold_minor)} − {yuan(batch.discount_minor)}"

    @admin.display(description=_("given out"), ordering="issued_count")
    def given(self, batch: VoucherBatch) -> str:
        """Show how many of how many."""
        return f"{batch.issued_count} / {batch.total_stock}"

    @admin.display(description=_("left"))
    def left(self, batch: VoucherBatch) -> int:
        """Show how many are left."""
        return batch.left

    @admin.display(description=_("worth given out, of"), ordering="issued_minor")
    def money(self, batch: VoucherBatch) -> str:
        """Show how much of how much."""
        return f"{yuan(batch.issued_minor)} / {yuan(batch.budget_or_all_minor)}"

    @admin.display(description=_("goods"))
    def goods(self, batch: VoucherBatch) -> str:
        """Say on which goods it counts."""
        return goods_text(batch)

    @admin.display(description=_("how long it is good"))
    def validity(self, batch: VoucherBatch) -> str:
        """Say between which moments, or how long from claiming."""
        return validity_text(batch)

    @admin.display(description=_("who may have it"))
    def who(self, batch: VoucherBatch) -> str:
        """Say for whom it is."""
        names = {bank.code: bank.name_zh for bank in issuers()}
        banks = ", ".join(names.get(code, code) for code in batch.issuers)
        return audience_text(batch, banks) or str(batch.get_audience_display())

    @admin.display(description=_("per person"))
    def limits(self, batch: VoucherBatch) -> str:
        """Show the limits of batch and campaign."""
        return f"{batch.person_limit or '∞'} · {batch.campaign or '–'} {batch.worth_limit or '∞'}"

    @admin.display(description=_("funding"))
    def payers(self, batch: VoucherBatch) -> str:
        """Show who pays which part, under the name the books keep it by."""
        return ", ".join(f"{share.ref} {share.percent} %" for share in shares_of(batch))

    @admin.display(description=_("when the whole order goes back"))
    def refunds(self, batch: VoucherBatch) -> str:
        """Say what becomes of it."""
        return str(batch.get_refund_policy_display())

    @admin.action(description=_("Vouchers of the chosen batches as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        """Give every voucher as CSV."""
        return _export("csv", queryset, request)

    @admin.action(description=_("Vouchers of the chosen batches as xlsx"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        """Give every voucher as xlsx."""
        return _export("xlsx", queryset, request)


def _watched(request: HttpRequest, batch: VoucherBatch) -> dict[str, Any]:
    """Return the figures of a batch and the ways to its acts."""
    link = partial(reverse, "admin:vouchers_voucherbatch_act")
    acts = [
        {"word": act.word, "url": link(args=[batch.pk, name]), "is_grave": act.is_grave}
        for name, act in acts_for(request, batch).items()
    ]
    figures = figures_of(batch)
    states = [{"label": state.label, "count": figures.of(state.value)} for state in Voucher.State]
    return {
        "batch": batch,
        "acts": acts,
        "figures": figures,
        "states": states,
        "issued": yuan(figures.issued_minor),
        "spent": yuan(figures.spent_minor),
        "budget": yuan(batch.budget_or_all_minor),
        "waiting": open_proposals(BATCH, batch.pk),
    }


def _export(form: str, batches: QuerySet[VoucherBatch], request: HttpRequest) -> HttpResponseBase:
    rows = Voucher.objects.filter(batch__in=batches).select_related("batch").order_by("pk")
    headers = [
        _("Voucher number"),
        pgettext_lazy("vouchers", "Batch"),
        _("State"),
        _("From"),
        _("Worth (yuan)"),
        _("Claimed"),
        _("Good until"),
    ]
    cells = (
        [
            row.voucher_no,
            row.batch.name,
            row.get_state_display(),
            row.get_source_display(),
            Money(row.worth_minor).major,
            f"{local(row.claimed_at):%Y-%m-%d %H:%M:%S}",
            f"{local(row.expires_at):%Y-%m-%d %H:%M:%S}",
        ]
        for row in rows.iterator(chunk_size=1000)
    )
    return as_file(
        form, name="vouchers", by=request.user.get_username(), headers=headers, rows=cells
    )
