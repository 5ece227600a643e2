"""People in the admin: found by name or phone, phones masked in lists."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as CoreUserAdmin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from mall.accounts.models import User


@admin.register(User)
class UserAdmin(CoreUserAdmin, ModelAdmin):
    """Staff manage people here; residents sign themselves in by phone."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "display_name", "is_staff", "is_active", "date_joined")
    search_fields = ("username", "display_name", "phone", "email")
    fieldsets = (*CoreUserAdmin.fieldsets, (_("Linli"), {"fields": ("phone", "display_name")}))
