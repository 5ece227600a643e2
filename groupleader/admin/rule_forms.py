"""How a commission rule is typed in: percent or yuan, whose by name, from when until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groupleader.models import Leader
from groupleader.models.rules import SCOPES
from groupleader.services.commissions import RuleScope
from groupleader.services.rules import RuleWish
from mall.api import find_named, name_of
from payments.api import Money, local, now

_MOST_YUAN: Final = Decimal(10_000)
_OF_THE_MALL: Final = (RuleScope.ITEM.value, RuleScope.CATEGORY.value)
_TARGET_MAX: Final = 40


class MomentInput(forms.DateTimeInput):
    """Day and time by the browser's own picker, in Shanghai's time."""

    def __init__(self) -> None:
        """Write moments as the picker reads them."""
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class TargetSelect(forms.Select):
    """One of a great many, found by a word of its name; only the chosen one is on the page."""

    def __init__(self, url_name: str) -> None:
        """Take the name of the address that finds them."""
        super().__init__()
        self._url_name = url_name

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Point the picker to its address; the admin's own script does the rest."""
        more = {"class": "admin-autocomplete", "data-ajax--url": reverse(self._url_name)}
        more |= {"data-ajax--delay": "250", "data-theme": "admin-autocomplete"}
        more |= {"data-placeholder": _("a word of its name"), "data-allow-clear": "true"}
        return super().get_context(name, value, {**(attrs or {}), **more})


class RuleForm(forms.Form):
    """A rule as a person says it."""

    scope = forms.ChoiceField(label=gettext_lazy("speaks about"), choices=SCOPES)
    target = forms.CharField(
        label=gettext_lazy("which one"),
        required=False,
        max_length=_TARGET_MAX,
        widget=TargetSelect("admin:groupleader_rule_targets"),
    )
    percent = forms.DecimalField(
        label=gettext_lazy("percent of the base"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        max_digits=5,
    )
    yuan = forms.DecimalField(
        label=gettext_lazy("or yuan per piece"),
        required=False,
        min_value=0,
        max_value=_MOST_YUAN,
        decimal_places=2,
        max_digits=7,
    )
    valid_from = forms.DateTimeField(label=gettext_lazy("valid from"), widget=MomentInput)
    valid_until = forms.DateTimeField(
        label=gettext_lazy("valid until"), required=False, widget=MomentInput
    )
    note = forms.CharField(label=gettext_lazy("note"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin a few minutes from now unless said otherwise, and name what is chosen."""
        soon = local(now() + timedelta(minutes=5)).replace(second=0, microsecond=0)
        kwargs["initial"] = {"valid_from": soon, "scope": "default"} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        scope, target = self["scope"].value() or "", self["target"].value() or ""
        shown = target_name(str(scope), str(target)) if target else ""
        self.fields["target"].widget.choices = [(target, shown or target)] if target else []

    def clean(self) -> dict[str, Any]:
        """Take either percent or yuan, and a target that is there."""
        data: dict[str, Any] = super().clean() or {}
        has_percent, has_yuan = data.get("percent") is not None, data.get("yuan") is not None
        if has_percent == has_yuan and not {"percent", "yuan"} & set(self.errors):
            self.add_error("percent", _("Either percent or yuan per piece."))
        scope, target = data.get("scope", ""), data.get("target", "")
        data["target_name"] = ""
        if scope == RuleScope.DEFAULT:
            data["target"] = ""
        elif "target" not in self.errors:
            data["target_name"] = target_name(scope, target)
            if not data["target_name"]:
                self.add_error("target", _("Please choose which one."))
        begins, ends = data.get("valid_from"), data.get("valid_until")
        if begins and ends and ends <= begins:
            self.add_error("valid_until", _("It ends before it begins."))
        return data

    def wish(self) -> RuleWish:
        """Return what was typed in; the form is valid."""
        said = self.cleaned_data
        percent, yuan = said["percent"], said["yuan"]
        return RuleWish(
            scope=said["scope"],
            target=said["target"],
            target_name=said["target_name"],
            rate=None if percent is None else percent / 100,
            fixed_minor=None if yuan is None else Money.from_major(yuan).minor,
            valid_from=_not_past(said["valid_from"]),
            valid_until=said["valid_until"],
            note=said["note"],
        )


def target_name(scope: str, target: str) -> str:
    """Return what a rule's target is called, or "" where there is no such thing."""
    if scope in _OF_THE_MALL:
        return name_of(scope, target).strip()
    if scope == RuleScope.LEADER:
        is_number = target.isascii() and target.isdigit() and len(target) <= 9
        leader = Leader.objects.filter(pk=int(target)).first() if is_number else None
        return leader.name if leader else ""
    if scope == RuleScope.TIER:
        return target if Leader.objects.filter(tier=target).exclude(tier="").exists() else ""
    return ""


def find_targets(scope: str, text: str) -> list[tuple[str, str]]:
    """Return up to twenty (number, name) a rule of a scope may speak about."""
    if scope in {*_OF_THE_MALL, "point"}:
        return find_named(scope, text)
    text = " ".join(text.replace("\0", "").split())[:60]
    if scope == RuleScope.LEADER:
        found = Leader.objects.filter(name__icontains=text).order_by("name", "pk")[:20]
        return [(str(leader.pk), f"{leader.name} · {leader.tier}".rstrip(" ·")) for leader in found]
    if scope == RuleScope.TIER:
        tiers = Leader.objects.filter(tier__icontains=text).exclude(tier="").order_by("tier")
        return [(tier, tier) for tier in tiers.values_list("tier", flat=True).distinct()[:20]]
    return []


def _not_past(moment: datetime) -> datetime:
    """Take the minute that is running as now: the picker knows no seconds."""
    at = now()
    return at if at - timedelta(minutes=1) <= moment <= at else moment
