"""What a strict content security policy and the style sheet's budget ask of our templates."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "mall" / "static" / "mall"
OURS = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    if path.relative_to(TEMPLATES).parts[0] not in {"admin", "oscar"}
]


def packed(*files):
    return len(gzip.compress(b"".join(file.read_bytes() for file in files)))


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_style_and_no_script_is_written_into_a_page(path):
    text = path.read_text()

    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_icon_that_is_named_is_in_the_sprite(path):
    sprite = set(re.findall(r'symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))

    text = re.sub(r"{#.*?#}", "", path.read_text())
    named = re.findall(r'(?:{% icon |\bmark=|mark\|default:)"([\w-]+)"', text)

    assert set(named) <= sprite


def test_the_front_end_keeps_its_budget():
    scripts = list((STATIC / "js").glob("*.js"))

    on_every_page = [STATIC / "js" / name for name in ("app.js", "countdown.js")]

    assert packed(STATIC / "app.css") <= 15 * 1024
    assert packed(*on_every_page) <= 4 * 1024
    assert packed(*scripts) <= 8 * 1024


def test_nothing_is_fetched_from_another_host():
    files = [STATIC / "app.css", *(STATIC / "js").glob("*.js"), *OURS]

    for file in files:
        text = re.sub(r'xmlns(:\w+)?="[^"]*"', "", file.read_text())
        assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?https?://""", text), file
