"""A resident's telephone: Chromium at 390 by 844, in Chinese, and what every page must fulfil."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
_QUIET = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic"]
_QUIET += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
_QUIET += ["--disable-sync", "--disable-default-apps"]
# Sizes as the reader's finger meets them; a link inside a sentence may be as high as the sentence,
# and what is only for screen readers is not touched at all.
_TOO_SMALL = """
() => {
  const found = [];
  const seen = element => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const shown = style.visibility !== "hidden" && style.opacity !== "0";
    return shown && box.width > 1 && box.height > 1;
  };
  const name = element => element.outerHTML.slice(0, 120);
  for (const input of document.querySelectorAll("input, select, textarea")) {
    if (["hidden", "checkbox", "radio"].includes(input.type) || !seen(input)) continue;
    const size = parseFloat(getComputedStyle(input).fontSize);
    if (size < 16) found.push(`text of ${size} px in ${name(input)}`);
  }
  const inText = element => {
    if (getComputedStyle(element).display !== "inline") return false;
    return element.parentElement.textContent.trim() !== element.textContent.trim();
  };
  const inputs = "input:not([type=hidden]), select, textarea";
  const targets = `a[href], button, summary, [role=button], ${inputs}`;
  for (const target of document.querySelectorAll(targets)) {
    if (!seen(target) || (target.matches("a") && inText(target))) continue;
    let box = target.getBoundingClientRect();
    const label = target.labels && target.labels[0];
    if (label && (target.type === "checkbox" || target.type === "radio")) {
      box = label.getBoundingClientRect();
    }
    // A link may reach over its whole card by an invisible layer.
    const layer = getComputedStyle(target, "::after");
    if (layer.content !== "none" && layer.position === "absolute") {
      const width = Math.max(box.width, parseFloat(layer.width));
      box = {width, height: Math.max(box.height, parseFloat(layer.height))};
    }
    if (Math.round(box.width) < 44 || Math.round(box.height) < 44) {
      found.push(`${Math.round(box.width)}x${Math.round(box.height)} px: ${name(target)}`);
    }
  }
  return found;
}
"""
# Colours that still change from light to dark are nobody's fault; what turns for ever may go on.
_AT_REST = """
() => Promise.all(
  document.getAnimations()
    .filter(each => each.effect.getComputedTiming().endTime !== Infinity)
    .map(each => each.finished.catch(() => null))
).then(() => true)
"""
_REPORT_CSP = """
window.__csp = [];
document.addEventListener("securitypolicyviolation", event => {
  window.__csp.push(`${event.violatedDirective}: ${event.blockedURI}`);
});
"""


@dataclass
class Witness:
    """What a page did on the way: its errors, and the addresses it asked for."""

    errors: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a browser context from before its first request."""
        context.add_init_script(_REPORT_CSP)
        context.on("console", self._note)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("request", lambda request: self.requested.append(request.url))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def foreign(self, own_hosts: set[str]) -> list[str]:
        """The addresses on other hosts than these."""
        return [
            url
            for url in self.requested
            if urlsplit(url).scheme not in {"data", "blob", "about"}
            and urlsplit(url).netloc not in own_hosts
        ]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, or the one CHROMIUM names; nothing is downloaded."""
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    return {**browser_type_launch_args, "executable_path": chromium, "args": _QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """Every page opens on a telephone unless the test says otherwise."""
    return {**browser_context_args, **PHONE}


@pytest.fixture
def witness() -> Witness:
    """What all pages of this test did."""
    return Witness()


@pytest.fixture
def new_context(new_context, witness):
    """``new_context()`` is another person's telephone, with somebody watching it as well."""

    def open_context(**options) -> BrowserContext:
        context = new_context(**options)
        witness.watch(context)
        return context

    return open_context


@pytest.fixture
def axe():
    """``axe(page)`` returns the accessibility violations: rule, impact, places."""
    return accessibility_violations


@pytest.fixture
def assert_page_is_sound(witness):
    """``assert_page_is_sound(page)``: fits, readable, touchable, accessible, keeps to itself.

    ``expected_errors`` are parts of console messages this page is meant to cause, such as a 404.
    """

    def judge(page: Page, *, expected_errors: tuple[str, ...] = ()) -> None:
        # After a click the new page may be there before its stylesheet is.
        page.wait_for_load_state("load")
        page.evaluate(_AT_REST)
        # A story moves between the mall and the acquirer; both are ours.
        addresses = (page.url, settings.SITE_URL, settings.LINLI_SANDBOX_URL)
        own_hosts = {urlsplit(address).netloc for address in addresses}
        unexpected = [
            error for error in witness.errors if not any(part in error for part in expected_errors)
        ]
        found = {
            "scrolls sideways by": page.evaluate(
                # Not against innerWidth: a telephone widens that to what does not fit.
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            ),
            "console errors": unexpected,
            "CSP violations": page.evaluate("window.__csp || []"),
            "asked other hosts": witness.foreign(own_hosts),
            "too small for a finger or an eye": page.evaluate(_TOO_SMALL),
            "accessibility": accessibility_violations(page),
        }
        faults = {what: value for what, value in found.items() if value}
        assert not faults, f"{page.url}: " + "\n".join(f"{k}: {v}" for k, v in faults.items())

    return judge


def _told(node: dict[str, Any]) -> str:
    """Say which part of the page, and what axe has against it."""
    return f"{node['html'][:160]}: {node.get('failureSummary', '')[:300]}"


def accessibility_violations(page: Page, tags: tuple[str, ...] = WCAG) -> list[tuple[str, ...]]:
    """Run axe-core in the page; it enters by the debugger's door, past even a strict CSP."""
    page.evaluate(AXE)
    result = page.evaluate("tags => axe.run(document, {runOnly: tags})", list(tags))
    return [
        (rule["id"], rule["impact"], *map(_told, nodes[:1]))
        for rule in result["violations"]
        if (nodes := [node for node in rule["nodes"] if not _was_at_the_edge(page, rule, node)])
    ]


def _was_at_the_edge(page: Page, rule: dict[str, Any], node: dict[str, Any]) -> bool:
    """Tell whether a target is only half behind a fixed bar, and fits in the screen's middle."""
    if rule["id"] != "target-size":
        return False
    page.evaluate(
        "place => document.querySelector(place).scrollIntoView({block: 'center'})",
        node["target"][0],
    )
    again = page.evaluate(
        "place => axe.run(place, {runOnly: {type: 'rule', values: ['target-size']}})",
        node["target"][0],
    )
    return not again["violations"]
