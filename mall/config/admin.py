"""The operator's look at the jobs: when each last ran, and how it ended."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from mall.config.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ModelAdmin):
    """Read only: the runners write these rows."""

    list_display = ("name", "started_at", "finished_at", "counts", "failures", "error")
    list_filter = ("failures", ("error", admin.EmptyFieldListFilter))
    search_fields = ("name",)
    ordering = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes a job by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: JobRun | None = None) -> bool:
        """Nobody changes what a runner wrote."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: JobRun | None = None) -> bool:
        """Nobody deletes what a runner wrote."""
        return False
