"""Steps, hours and funders as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mall.offerdesk.forms.fields import Column, RowsField, fen_of, yuan_of
from mall.offerdesk.words import FUNDERS

_ALL: Final = 100


class StepsField(RowsField):
    """What is taken off from which amount on."""

    columns = (
        Column("from", _("from an amount of"), kind="money", after=_("yuan")),
        Column("off", _("takes off"), kind="money", after=_("yuan")),
    )
    add = _("One more step")

    def read(self, row: Mapping[str, str]) -> Any:
        """Keep a pair in fen."""
        if not row["from"].strip() or not row["off"].strip():
            raise ValidationError(_("A step needs an amount and what it takes off."))
        return [fen_of(row["from"]), fen_of(row["off"])]

    def shown(self, kept: Any) -> dict[str, str]:
        """Show a pair in yuan."""
        return {"from": yuan_of(kept[0]), "off": yuan_of(kept[1])}

    def clean(self, value: Any) -> Any:
        """Keep steps in order."""
        return sorted(super().clean(value))


class HoursField(RowsField):
    """At which hours it is given; past midnight where the end is before the beginning."""

    columns = (
        Column("start", _("from"), kind="time"),
        Column("end", _("until"), kind="time"),
    )
    add = _("More hours")

    def read(self, row: Mapping[str, str]) -> Any:
        """Keep two times of a day."""
        return [_clock(row["start"]), _clock(row["end"])]

    def shown(self, kept: Any) -> dict[str, str]:
        """Show them."""
        return {"start": kept[0], "end": kept[1]}


class FundingField(RowsField):
    """Who pays which percent; together all of it."""

    columns = (
        Column("funder", _("paid by"), choices=tuple(FUNDERS.items())),
        Column("percent", _("percent"), kind="percent", after="%"),
        Column("ref", _("booked under (may stay empty)")),
    )
    add = _("One more who pays")

    def read(self, row: Mapping[str, str]) -> Any:
        """Keep funder, percent and, where given, the name it is booked under."""
        if not row["percent"].strip().isdecimal():
            raise ValidationError(_("Say for each who pays how many whole percent."))
        kept: dict[str, Any] = {"funder": row["funder"], "percent": int(row["percent"])}
        if row["ref"].strip():
            kept["ref"] = row["ref"].strip()
        return kept

    def shown(self, kept: Any) -> dict[str, str]:
        """Show a funder's part."""
        return {
            "funder": str(kept.get("funder", "")),
            "percent": str(kept.get("percent", "")),
            "ref": str(kept.get("ref", "")),
        }

    def clean(self, value: Any) -> Any:
        """Add up to all of it."""
        rows = super().clean(value)
        percent = sum(row["percent"] for row in rows)
        if percent != _ALL:
            raise ValidationError(
                _("Together they pay %(percent)d %%; it must be 100 %%."),
                params={"percent": percent},
            )
        return rows


def _clock(text: str) -> str:
    try:
        return f"{time.fromisoformat(text.strip()):%H:%M}"
    except ValueError as error:
        raise ValidationError(
            _("“%(text)s” is no time of a day."), params={"text": text}
        ) from error
