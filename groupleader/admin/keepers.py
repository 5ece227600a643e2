"""Keepers of sub-pickup points in the admin: who keeps which, for what share, until when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from groupleader.admin.reading import do_each
from groupleader.admin.rule_forms import TargetSelect
from groupleader.models import KeeperShare
from groupleader.services.keeping import agree_with_keeper, end_keeping
from groupleader.templatetags.commission import percent
from mall.api import name_of

_POINT = "point"


class PointSelect(TargetSelect):
    """A pickup point, found by a word of its name."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Ask the picker's address for points."""
        return super().get_context(name, value, {**(attrs or {}), "data-app-label": _POINT})

    @property
    def media(self) -> forms.Media:
        """Bring the admin's own picker along."""
        vendor = "admin/js/vendor"
        return forms.Media(
            js=(
                f"{vendor}/jquery/jquery.min.js",
                f"{vendor}/select2/select2.full.min.js",
                "admin/js/jquery.init.js",
                "admin/js/autocomplete.js",
            ),
            css={
                "screen": ("admin/css/vendor/select2/select2.min.css", "admin/css/autocomplete.css")
            },
        )


class KeeperForm(forms.ModelForm):
    """An agreement with a keeper, from now on."""

    point_ref = forms.CharField(
        label=gettext_lazy("pickup point"),
        max_length=40,
        widget=PointSelect("admin:groupleader_rule_targets"),
    )
    percent = forms.DecimalField(
        label=gettext_lazy("percent of the leader's commission"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        max_digits=5,
    )

    class Meta:
        """What is typed in; the rest follows."""

        model = KeeperShare
        fields = ("point_ref", "keeper", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the chosen point."""
        super().__init__(*args, **kwargs)
        ref = str(self["point_ref"].value() or "")
        self.fields["point_ref"].widget.choices = (
            [(ref, name_of(_POINT, ref) or ref)] if ref else []
        )

    def clean_point_ref(self) -> str:
        """Take a point that is there."""
        ref = str(self.cleaned_data["point_ref"])
        if not name_of(_POINT, ref):
            raise forms.ValidationError(_("Please choose which one."))
        return ref

    def clean_percent(self) -> Any:
        """Take a share that is one."""
        share = self.cleaned_data["percent"]
        if not share:
            raise forms.ValidationError(_("A share is more than nothing."))
        return share

    def save(self, *_args: Any, **_kwargs: Any) -> KeeperShare:
        """Agree with the keeper: the service ends the agreement before."""
        said = self.cleaned_data
        self.instance = agree_with_keeper(
            point_ref=said["point_ref"],
            point_name=name_of(_POINT, said["point_ref"]),
            keeper=said["keeper"],
            share=said["percent"] / 100,
            note=said["note"],
        )
        return self.instance

    def save_m2m(self) -> None:
        """There is nothing more to save."""


@admin.register(KeeperShare)
class KeeperShareAdmin(ModelAdmin):
    """Agreements are made and ended; nobody changes or deletes one."""

    form = KeeperForm
    list_display = ("point_name", "keeper", "gives", "since", "until", "note")
    list_filter = (("until", admin.EmptyFieldListFilter),)
    search_fields = ("point_name", "keeper__name", "note")
    list_select_related = ("keeper",)
    autocomplete_fields = ("keeper",)
    actions = ("end",)

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse: an agreement is ended and another one made."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: it is ended."""
        return False

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for what is agreed; show an agreement as it is."""
        if obj is None:
            return ("point_ref", "keeper", "percent", "note")
        return ("point_name", "keeper", "share", "since", "until", "note")

    def save_model(self, _request: HttpRequest, obj: KeeperShare, *_form_and_change: Any) -> None:
        """The form's service has saved it."""

    @admin.display(description=gettext_lazy("share"), ordering="share")
    def gives(self, agreement: KeeperShare) -> str:
        """Show percent of the leader's commission."""
        return percent(agreement.share)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Let whoever may add one end one."""
        return bool(request.user.has_perm("groupleader.add_keepershare"))

    @admin.action(description=gettext_lazy("End it now"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[KeeperShare]) -> None:
        """End agreements; orders placed before keep them."""
        do_each(
            request,
            queryset,
            lambda agreement: end_keeping(agreement=agreement),
            then=lambda agreement: self.log_change(request, agreement, "ended"),
        )
