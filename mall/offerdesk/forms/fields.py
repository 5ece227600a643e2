"""Fields a branch employee fills: yuan, percent, days to tick, rows of steps, funders and hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, DecimalException
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SPARE_ROWS: Final = 2
# A hundred thousand million yuan: no budget is as large, and every database keeps it.
_FEN_MAX: Final = 10**13


def fen_of(text: str) -> int:
    """Read yuan as fen; ValidationError for anything but a positive amount of whole fen."""
    try:
        fen = Decimal(text.strip().removeprefix("¥").replace(",", "")) * 100
    except DecimalException as error:
        raise ValidationError(_("“%(text)s” is not an amount."), params={"text": text}) from error
    is_amount = fen.is_finite() and 0 <= fen < _FEN_MAX
    if not is_amount or fen != fen.to_integral_value():
        raise ValidationError(_("“%(text)s” is not an amount in yuan."), params={"text": text})
    return int(fen)


def yuan_of(fen: int | None) -> str:
    """Write fen as the yuan a field holds: 1600 as 16, 2350 as 23.50."""
    if fen is None:
        return ""
    return str(fen // 100) if fen % 100 == 0 else f"{Decimal(fen) / 100:.2f}"


class YuanField(forms.CharField):
    """An amount in yuan, kept in fen; empty is nothing."""

    def __init__(self, **options: Any) -> None:
        """Ask telephones for their keyboard of digits."""
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "desk-money"}
        super().__init__(max_length=15, widget=forms.TextInput(attrs=attrs), **options)

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan; what was typed stays."""
        return yuan_of(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Keep yuan as fen."""
        text = super().clean(value)
        return fen_of(text) if text else None


class PercentField(forms.DecimalField):
    """Percent with two places, kept in hundredths of a percent."""

    def __init__(self, **options: Any) -> None:
        """Take from a hundredth of a percent on."""
        super().__init__(min_value=Decimal("0.01"), max_value=99, decimal_places=2, **options)
        self.widget.attrs.update({"step": "0.01", "inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        """Show hundredths as percent."""
        return f"{value / 100:g}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Keep percent as hundredths."""
        percent = super().clean(value)
        return None if percent is None else int(percent * 100)


class NumbersField(forms.MultipleChoiceField):
    """Numbers to tick: weekdays, days of a month."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        """Keep them as numbers, in order."""
        return sorted(int(each) for each in super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        """Tick what is kept."""
        return [str(each) for each in value or []]


class BinsField(forms.CharField):
    """First digits of card numbers, parted by blanks or commas."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list as text."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Take the text apart."""
        text = super().to_python(value) or ""
        digits = text.replace(",", " ").replace("，", " ").replace("、", " ").split()
        for each in digits:
            if not each.isascii() or not each.isdigit() or not 6 <= len(each) <= 8:
                raise ValidationError(
                    _("“%(text)s”: the first six to eight digits of a card number are meant."),
                    params={"text": each},
                )
        return digits


class Column:
    """A column of rows: its heading, how it is typed, and the choices if there are any."""

    def __init__(
        self,
        name: str,
        label: str | Promise,
        *,
        kind: str = "text",
        choices: Sequence[tuple[str, Any]] = (),
        after: str | Promise = "",
    ) -> None:
        """Remember it."""
        self.name, self.label, self.kind = name, label, kind
        self.choices, self.after = choices, after


class RowsWidget(forms.Widget):
    """Rows of inputs with some to spare; a script adds more, without one the spare ones do."""

    def __init__(self, columns: Sequence[Column], *, add: str | Promise) -> None:
        """Remember the columns and what the button to add a row says."""
        super().__init__()
        self.columns, self.add = columns, add

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """Read the rows that have anything in them beside a choice."""
        del files
        columns = [data.getlist(f"{name}-{column.name}") for column in self.columns]
        names = [column.name for column in self.columns]
        rows = [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=False)]
        return [row for row in rows if any(row[c.name].strip() for c in self._typed())]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Rows may all be empty."""
        del data, files, name
        return False

    def render(  # noqa: PLR0917 - Django calls it so
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> Any:
        """Draw the rows and spare ones."""
        del renderer
        given = list(value or [])
        spare = [{} for _row in range(_SPARE_ROWS if given else _SPARE_ROWS + 1)]
        rows = [
            [(column, row.get(column.name, "")) for column in self.columns]
            for row in (*given, *spare)
        ]
        context = {"name": name, "rows": rows, "columns": self.columns, "add": self.add}
        return render_to_string("admin/offers/rows.html", context | {"attrs": attrs or {}})

    def _typed(self) -> list[Column]:
        return [column for column in self.columns if not column.choices]


class RowsField(forms.Field):
    """Rows kept as a list; `read` makes a kept value of a row, `shown` a row of a kept value."""

    columns: ClassVar[Sequence[Column]] = ()
    add: ClassVar[str | Promise] = _("One more row")

    def __init__(self, **options: Any) -> None:
        """Draw the columns."""
        super().__init__(widget=RowsWidget(self.columns, add=self.add), **options)

    def prepare_value(self, value: Any) -> Any:
        """Show kept values as rows; what was typed stays."""
        rows = value or []
        return [row if _is_typed(row, self.columns) else self.shown(row) for row in rows]

    def clean(self, value: Any) -> Any:
        """Read every row."""
        return [self.read(row) for row in value or []]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as shown."""
        return bool(self.prepare_value(initial) != data)

    def read(self, row: Mapping[str, str]) -> Any:
        """Return what is kept of a row; ValidationError."""
        raise NotImplementedError

    def shown(self, kept: Any) -> dict[str, str]:
        """Return the row that shows what is kept."""
        raise NotImplementedError


def _is_typed(row: Any, columns: Sequence[Column]) -> bool:
    return (
        isinstance(row, dict)
        and set(row) == {c.name for c in columns}
        and all(isinstance(cell, str) for cell in row.values())
    )
