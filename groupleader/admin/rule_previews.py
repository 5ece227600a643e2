"""What a preview of a rule found, as the admin shows it and gives it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from groupleader.admin.reading import yuan
from groupleader.models import RulePreview
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money


def preview_of(request: HttpRequest) -> RulePreview | None:
    """Return the preview the address names, if there is one."""
    number = request.GET.get("preview", "")
    is_number = number.isascii() and number.isdigit() and len(number) <= 9
    return RulePreview.objects.filter(pk=int(number)).first() if is_number else None


def shown(preview: RulePreview | None) -> dict[str, Any] | None:
    """Return what a finished preview found, in words and yuan; None before it is done."""
    if preview is None or preview.state != RulePreview.State.DONE:
        return None
    whole, decides = preview.result["whole"], preview.result["decides"]
    return {
        "figures": [
            (_("Lines looked at"), f"{whole['lines']:,}", ""),
            (
                _("The rule would have decided"),
                f"{decides['lines']:,}",
                _("%(count)s of them otherwise than it was") % {"count": decides["changed"]},
            ),
            (_("Leaders earned"), yuan(whole["was_minor"]), ""),
            (_("They would have earned"), yuan(whole["would_minor"]), ""),
            (_("Difference"), _signed(whole["would_minor"] - whole["was_minor"]), _share(whole)),
            (
                _("Leaders it changes"),
                f"{preview.result['leaders_changed']:,}",
                _("of %(count)s") % {"count": preview.result["leaders_seen"]},
            ),
        ],
        "leaders": [
            {
                "name": row["name"],
                "lines": row["changed"],
                "was": yuan(row["was_minor"]),
                "would": yuan(row["would_minor"]),
                "difference": _signed(row["would_minor"] - row["was_minor"]),
                "is_less": row["would_minor"] < row["was_minor"],
                "width": _width(row, preview.result["leaders"]),
            }
            for row in preview.result["leaders"]
        ],
    }


def preview_file(form: str, preview: RulePreview) -> HttpResponseBase:
    """Give the leaders a preview changes most as a spreadsheet."""
    headers = [
        _("leader"),
        _("lines"),
        _("lines changed"),
        _("earned (yuan)"),
        _("would have earned (yuan)"),
    ]
    name = f"rule-preview-{preview.pk}"
    return spreadsheet(form, name=name, headers=headers, rows=_rows(preview))


def _rows(preview: RulePreview) -> Iterator[list[Any]]:
    for row in preview.result.get("leaders", []):
        earned, would = Money(row["was_minor"]).major, Money(row["would_minor"]).major
        yield [row["name"], row["lines"], row["changed"], earned, would]


def _signed(minor: int) -> str:
    return f"+{yuan(minor)}" if minor > 0 else yuan(minor)


def _share(whole: dict[str, int]) -> str:
    if not whole["was_minor"]:
        return ""
    change = 100 * (whole["would_minor"] - whole["was_minor"]) / whole["was_minor"]
    return f"{change:+.1f} %"


def _width(row: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    most = max(abs(one["would_minor"] - one["was_minor"]) for one in rows) or 1
    return round(100 * abs(row["would_minor"] - row["was_minor"]) / most)
