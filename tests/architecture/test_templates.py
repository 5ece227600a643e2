"""Every template of ours can be opened."""

from __future__ import annotations

import pytest
from django.template.loader import get_template

from tests.architecture.source import ROOT

TEMPLATES = ROOT / "templates"


def _names() -> list[str]:
    return sorted(
        str(file.relative_to(TEMPLATES))
        for file in TEMPLATES.rglob("*")
        if file.suffix in {".html", ".txt", ".svg", ".xml"}
    )


@pytest.mark.parametrize("name", _names())
def test_the_template_parses(name):
    assert get_template(name).template.nodelist is not None


def test_there_are_templates():
    assert len(_names()) > 10
