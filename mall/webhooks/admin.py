"""Webhooks in the admin: partners with what they want to know, and every call to them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from mall.webhooks.calling import call_again, change_secret, forget_old_secret
from mall.webhooks.facts import SHOWN
from mall.webhooks.models import Webhook, WebhookCall
from mall.webhooks.trying import send_test
from payments.api import LinliError, require_public

_LABELS = {
    WebhookCall.State.WAITING: "info",
    WebhookCall.State.CALLING: "info",
    WebhookCall.State.TAKEN: "success",
    WebhookCall.State.GIVEN_UP: "danger",
}


class WebhookForm(forms.ModelForm):
    """A partner's address must be public, and it wants to know something."""

    facts = forms.MultipleChoiceField(
        label=gettext_lazy("facts"),
        choices=[(fact, fact) for fact in SHOWN],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        """What staff write; secrets are made, not typed."""

        model = Webhook
        fields = ("name", "url", "facts", "is_on")

    def clean_url(self) -> str:
        """Refuse an address inside our own network."""
        url = self.cleaned_data["url"]
        try:
            require_public(url)
        except LinliError as error:
            raise forms.ValidationError(str(error.user_message), code=error.code) from error
        return str(url)


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    """Partners; a secret is shown once, when it is made."""

    form = WebhookForm
    list_display = ("name", "url", "is_on", "failing_since", "off_because", "created_at")
    list_filter = ("is_on",)
    search_fields = ("name", "url")
    readonly_fields = ("failing_since", "off_because", "created_by", "created_at")
    actions = ("test", "new_secret", "new_secret_only")

    def save_model(  # noqa: PLR0917 - Django's own shape
        self,
        request: HttpRequest,
        obj: Webhook,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Keep who wrote it, and show the secret of a new one."""
        if not change:
            obj.created_by = request.user
        elif obj.is_on:
            obj.off_because, obj.failing_since = "", None
        super().save_model(request, obj, form, change)
        if not change:
            self._show(request, obj.secret)

    def has_secret_permission(self, request: HttpRequest) -> bool:
        """Giving a new secret is a right of its own."""
        return request.user.has_perm("webhooks.rotate_secret")

    @action(description=gettext_lazy("Send a test call"), permissions=["change"])
    def test(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        """Let each partner hear a call that means nothing."""
        for hook in chosen:
            send_test(webhook_id=hook.pk)
        messages.success(request, _("The test calls are on their way; see the list of calls."))

    @action(description=gettext_lazy("Give a new secret"), permissions=["secret"])
    def new_secret(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        """Sign with a new secret and the old one, until the partner has changed over."""
        for hook in chosen:
            self._show(request, change_secret(webhook_id=hook.pk))

    @action(description=gettext_lazy("Stop signing with the old secret"), permissions=["secret"])
    def new_secret_only(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        """The partner has changed over."""
        for hook in chosen:
            forget_old_secret(webhook_id=hook.pk)
        messages.success(request, _("Calls carry the signature of the new secret only."))

    def _show(self, request: HttpRequest, secret: str) -> None:
        text = _("The secret for the partner, shown only now: %(secret)s") % {"secret": secret}
        messages.warning(request, text)


@admin.register(WebhookCall)
class WebhookCallAdmin(ModelAdmin):
    """Every call; those given up can be made again."""

    list_display = (
        "call_no",
        "webhook",
        "fact",
        "shown_state",
        "tries",
        "status",
        "why",
        "next_at",
    )
    list_filter = ("state", "webhook", "fact", "status")
    search_fields = ("call_no", "occurrence")
    list_select_related = ("webhook",)
    date_hierarchy = "created_at"
    actions = ("again",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Facts make calls."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody changes what was said."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody makes a call unmade."""
        return False

    def has_again_permission(self, request: HttpRequest) -> bool:
        """Who may change calls may have them made again."""
        return request.user.has_perm("webhooks.change_webhookcall")

    @display(description=gettext_lazy("state"), label=_LABELS)
    def shown_state(self, call: WebhookCall) -> tuple[str, str]:
        """Colour what became of it."""
        return call.state, call.get_state_display()

    @action(description=gettext_lazy("Call again"), permissions=["again"])
    def again(self, request: HttpRequest, chosen: QuerySet[WebhookCall]) -> None:
        """Make calls that were given up once more."""
        n = call_again(list(chosen.values_list("pk", flat=True)))
        text = ngettext("%(n)s call is made again.", "%(n)s calls are made again.", n)
        messages.success(request, text % {"n": n})
