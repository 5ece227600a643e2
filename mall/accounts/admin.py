"""People in the admin: found by name or phone, phones masked in lists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as CoreUserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from mall.accounts.masking import mask_phone
from mall.accounts.models import Consent, Profile, User


class ProfileInline(StackedInline):
    """What the person chose."""

    model = Profile
    extra = 0
    can_delete = False
    autocomplete_fields = ("pickup_point",)


class ConsentInline(TabularInline):
    """What the person agreed to; a record, not a form."""

    model = Consent
    extra = 0
    can_delete = False
    readonly_fields = ("document", "version", "given_at", "ip")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody agrees for somebody else."""
        del request, obj
        return False


@admin.register(User)
class UserAdmin(CoreUserAdmin, ModelAdmin):
    """Staff manage people here; residents sign themselves in by phone."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("display_name", "masked_phone", "username", "is_staff", "is_active")
    list_display_links = ("display_name", "username")
    list_filter = ("is_staff", "is_active", "date_joined")
    search_fields = ("username", "display_name", "phone", "email")
    ordering = ("-date_joined",)
    fieldsets = (
        (None, {"fields": ("display_name", "phone", "username", "password")}),
        *CoreUserAdmin.fieldsets[1:],
    )
    inlines = (ProfileInline, ConsentInline)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """A name is for good: what two people have to decide is told apart by it."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "username")

    @admin.display(description=_("phone number"))
    def masked_phone(self, person: User) -> str:
        """Show enough of the number to recognise it."""
        return mask_phone(person.phone)


@admin.register(Consent)
class ConsentAdmin(ModelAdmin):
    """Who agreed to which text when: proof, so only to be read."""

    list_display = ("user", "document", "version", "given_at")
    list_filter = ("document", "version")
    list_select_related = ("user",)
    search_fields = ("user__display_name", "user__phone")
    date_hierarchy = "given_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only a person herself agrees."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        """What was agreed to stays as it was."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        """Proof is kept."""
        return False
