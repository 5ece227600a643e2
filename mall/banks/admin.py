"""Banks in the admin: the tree of units, who works where, and what each may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextInputWidget,
)

from mall.banks import organising
from mall.banks.errors import BankUnitError
from mall.banks.filters import UnitFilter
from mall.banks.models import BankStaff, BankUnit
from mall.banks.roles import Role, appoint, dismiss, roles_of
from mall.banks.scope import units_for


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the units, shown as a tree."""

    def label_from_instance(self, obj: Any) -> str:
        """Indent by depth."""
        return str(obj.indented_name)


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]
    """A unit and where it stands; the code and the level are for good."""

    under = UnitChoice(
        label=_("stands under"),
        queryset=BankUnit.objects.none(),
        required=False,
        widget=UnfoldAdminSelect2Widget,
        help_text=_("Nothing for a bank; a bank or a branch for a branch; a branch for an outlet."),
    )

    class Meta:
        """Depth and path are treebeard's."""

        model = BankUnit
        fields = ("name", "code", "level", "issuer_code", "is_active")
        widgets: ClassVar = {"name": UnfoldAdminTextInputWidget}

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer every unit that may have others below it."""
        super().__init__(*args, **options)
        above = BankUnit.objects.exclude(level=BankUnit.Level.OUTLET)
        self.fields["under"].queryset = above
        if "issuer_code" in self.fields:
            self.fields["issuer_code"].required = False
        if self.instance.pk:
            self.fields["under"].initial = BankUnit.objects.get_parent(self.instance)

    def clean(self) -> dict[str, Any]:
        """Say in words where a unit cannot stand."""
        data: dict[str, Any] = super().clean() or {}
        is_old = bool(self.instance.pk)
        level, under = (self.instance.level if is_old else data.get("level")), data.get("under")
        try:
            if level:
                unit = self.instance if is_old else None
                organising.check_place(level=level, under=under, unit=unit)
        except BankUnitError as refusal:
            self.add_error("under", str(refusal.user_message))
        if level == BankUnit.Level.BANK and not is_old and not data.get("issuer_code"):
            self.add_error("issuer_code", _("A bank needs its short code."))
        if is_old and under and under.issuer_code != self.instance.issuer_code:
            self.add_error("under", _("A unit stays with its bank."))
        return data


class PeopleInline(TabularInline):
    """Who works at the unit; appointed on their own page."""

    model = BankStaff
    extra = 0
    can_delete = False
    show_change_link = True
    fields = ("user",)
    readonly_fields = ("user",)

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Appoint on the person's own page: roles are given there."""
        return False


@admin.register(BankUnit)
class BankUnitAdmin(ModelAdmin):
    """The tree, indented; treebeard's own page breaks inside this admin's list."""

    form = UnitForm
    list_display = ("in_the_tree", "level_label", "code", "issuer_code", "people", "is_active")
    list_filter = ("level", "is_active")
    search_fields = ("name", "code", "issuer_code")
    ordering = ("path",)
    list_per_page = 200
    inlines = (PeopleInline,)
    fields = ("name", "under", "level", "code", "issuer_code", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankUnit]:
        """Show her unit and those below."""
        return units_for(request.user).annotate(head_count=Count("staff")).order_by("path")

    def get_readonly_fields(self, request: HttpRequest, obj: BankUnit | None = None) -> Any:
        """Leave level, code and bank of a unit as they were founded."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "level", "code", "issuer_code") if obj else fields

    def has_delete_permission(self, _request: HttpRequest, _obj: BankUnit | None = None) -> bool:
        """Keep every unit: offers and claims name it. It is taken out of use instead."""
        return False

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: BankUnit,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Let the service found, move or rename it."""
        del request
        said = form.cleaned_data
        if not change:
            row = organising.found_unit(
                code=said["code"],
                name=said["name"],
                level=said["level"],
                under=said["under"],
                issuer_code=said["issuer_code"],
            )
        else:
            row = organising.move_unit(obj, under=said["under"])
        organising.rename_unit(row, name=said["name"], is_active=said["is_active"])
        row.refresh_from_db()
        obj.__dict__.update(row.__dict__)

    @display(description=_("unit"), ordering="path")
    def in_the_tree(self, unit: BankUnit) -> str:
        """Show the depth in the tree."""
        return unit.indented_name

    @display(
        description=_("level"),
        ordering="level",
        label={"bank": "primary", "branch": "info", "outlet": "success"},
    )
    def level_label(self, unit: BankUnit) -> tuple[str, str]:
        """Show the level in colour."""
        return unit.level, unit.get_level_display()

    @display(description=_("people"))
    def people(self, unit: BankUnit) -> int:
        """Count who works there."""
        return int(unit.head_count)  # type: ignore[attr-defined]


class StaffForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person, her unit and her roles."""

    unit = UnitChoice(
        label=_("bank unit"), queryset=BankUnit.objects.all(), widget=UnfoldAdminSelect2Widget
    )
    roles = forms.MultipleChoiceField(
        label=_("may"), choices=Role.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        """Roles are groups; the service gives them."""

        model = BankStaff
        fields = ("user", "unit")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Show the roles she has."""
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["roles"].initial = sorted(roles_of(self.instance.user))


@admin.register(BankStaff)
class BankStaffAdmin(ModelAdmin):
    """The bank's people: appointed by the mall, each for one unit."""

    form = StaffForm
    list_display = ("user", "unit", "roles")
    list_filter = (UnitFilter,)
    list_select_related = ("user", "unit")
    search_fields = ("user__username", "user__display_name", "unit__name")
    autocomplete_fields = ("user",)
    fields = ("user", "unit", "roles")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankStaff]:
        """Show the people of her unit and those below."""
        rows = super().get_queryset(request).filter(unit__in=units_for(request.user))
        return rows.prefetch_related("user__groups")

    def get_readonly_fields(self, request: HttpRequest, obj: BankStaff | None = None) -> Any:
        """Leave the person as she is: another person is another row."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "user") if obj else fields

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: BankStaff,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Let the service appoint her."""
        del request, change
        said = form.cleaned_data
        staff = appoint(obj.user, unit=said["unit"], roles=set(said["roles"]))
        obj.__dict__.update(staff.__dict__)

    def delete_model(self, request: HttpRequest, obj: BankStaff) -> None:
        """Let the service dismiss her."""
        del request
        dismiss(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BankStaff]) -> None:
        """Dismiss each."""
        del request
        for staff in queryset:
            dismiss(staff)

    @display(description=_("may"))
    def roles(self, staff: BankStaff) -> str:
        """Say what she may."""
        words = dict(Role.choices)
        return _(", ").join(str(words[role]) for role in sorted(roles_of(staff.user)))
