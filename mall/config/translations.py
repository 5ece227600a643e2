"""The words in other languages: gathered from the code, written in .po files, compiled for Django.

Plain Python, no gettext programs needed. `update` reads every string a person may see out of the
code and the templates, floor by floor, and brings the written catalogue up to date
(`make messages`); `compile_catalogues` turns it into what Django reads. The .mo are not kept.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import unfold
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import gettext, pgettext, templatize

ROOT = Path(__file__).resolve().parents[2]
LOCALE = "zh_Hans"
# Each floor carries its own words; a template belongs to the floor whose folder it lies in.
FLOORS: Mapping[str, tuple[str, ...]] = {
    "payments": ("payments", "templates/cashier", "templates/admin/payments"),
    "groupleader": ("groupleader", "templates/groupleader", "templates/admin/groupleader"),
    "mall": ("mall", "templates"),
}
# The sandbox acquirer is a stranger's program with words of its own; migrations speak to nobody.
LEFT_OUT = ("payments/sandbox/", "mall/static/")
# The packages whose pages staff see, and what of them: their catalogues have holes in Chinese.
GUESTS = "mall/config"
GUEST_PLACES = (
    "unfold",
    "oscar/apps/catalogue",
    "oscar/apps/dashboard",
    "oscar/apps/offer",
    "oscar/apps/order",
    "oscar/apps/partner",
    "oscar/apps/voucher",
    "oscar/forms",
    "oscar/templates/oscar/dashboard",
    "oscar/views",
)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """# Linli in Chinese. Brought up to date by `make messages`; see docs/translating.md.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def catalogue_path(floor: str, root: Path = ROOT) -> Path:
    """Return where the Chinese of a floor (or of the guests) lies."""
    return root / floor / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def update(floor: str, root: Path = ROOT) -> Catalog:
    """Bring a floor's catalogue up to date with its code and return it; nothing is guessed."""
    written = read_catalogue(catalogue_path(floor, root))
    written.update(gather(floor), no_fuzzy_matching=True, update_header_comment=False)
    write_catalogue(written, floor, root)
    return written


def update_guests(root: Path = ROOT) -> Catalog:
    """Add what the guests' own catalogues leave in English; what is written once stays.

    Needs Chinese to be the active language and the catalogues compiled.
    """
    written = read_catalogue(catalogue_path(GUESTS, root))
    for message in gather_guests():
        english = message.id if isinstance(message.id, str) else message.id[0]
        said = pgettext(message.context, english) if message.context else gettext(english)
        if english and said == english and written.get(message.id, message.context) is None:
            written[message.id] = message
    write_catalogue(written, GUESTS, root)
    return written


def gather(floor: str) -> Catalog:
    """Return every string of a floor that a person may see, with no translation yet."""
    return _extract(_sources(FLOORS[floor], ROOT, without=_others(floor)), ROOT)


def gather_guests() -> Catalog:
    """Return every string of the guests' pages, as they are installed."""
    packages = Path(unfold.__file__).parents[1]
    return _extract(_sources(GUEST_PLACES, packages, without=()), packages)


def _others(floor: str) -> tuple[str, ...]:
    # templates/ as a whole is the mall's, less the folders of the other floors.
    return tuple(
        f"{place}/" for name in FLOORS if name != floor for place in FLOORS[name] if "/" in place
    )


def _sources(places: Sequence[str], root: Path, *, without: tuple[str, ...]) -> Iterator[Path]:
    for folder in places:
        for path in sorted((root / folder).rglob("*")):
            place = path.relative_to(root).as_posix()
            if path.suffix not in {".py", ".html", ".txt"} or "/migrations/" in place:
                continue
            if not place.startswith((*without, *LEFT_OUT)):
                yield path


def _extract(paths: Iterator[Path], root: Path) -> Catalog:
    found = Catalog(locale=LOCALE)
    for path in paths:
        place = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Inside brackets indentation means nothing, so what is left of a page reads as Python.
            text = f"(\n{templatize(text)}\n)"
        lines = io.BytesIO(text.encode())
        for number, message, notes, context in extract("python", lines, KEYWORDS, ["Chinese:"]):
            found.add(message, None, [(place, number)], (), notes, context=context)
    return found


def write_catalogue(catalogue: Catalog, floor: str, root: Path = ROOT) -> None:
    """Write a catalogue: sorted by its English, with files but no line numbers."""
    body = io.BytesIO()
    write_po(
        body,
        catalogue,
        width=100,
        sort_output=True,
        omit_header=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    path = catalogue_path(floor, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = body.getvalue().decode().strip()
    path.write_text(f"{HEADER.format(locale=LOCALE)}\n{text}\n", encoding="utf-8")


def read_catalogue(path: Path) -> Catalog:
    """Return a written catalogue; an empty one when nothing is written yet."""
    locale = path.parts[-3]
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as lines:
        return read_po(lines, locale=locale)


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the English of what has no translation, or only a guessed one."""
    missing = []
    for message in catalogue:
        english = message.id if isinstance(message.id, str) else message.id[0]
        said = (message.string,) if isinstance(message.string, str) else message.string or ()
        if english and (message.fuzzy or not any(said)):
            missing.append(english)
    return missing


def compile_catalogues(folder: Path) -> None:
    """Make the .mo file beside every .po file of a locale folder that is newer than it."""
    for source in folder.glob("*/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Several processes may do this at once; each sees an old file or a whole new one.
        draft = target.with_suffix(f".{os.getpid()}.draft")
        with draft.open("wb") as output:
            write_mo(output, read_catalogue(source))
        draft.replace(target)
