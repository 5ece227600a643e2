"""A browser without a window: keeps cookies, follows redirects, sends forms. Standard library."""

from __future__ import annotations

import json
from http.cookiejar import CookieJar
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

from mall.config.smoke.pages import Form, Page
from mall.config.smoke.telling import StepFailedError

_SECONDS: Final = 30
_HEADERS: Final = {"User-Agent": "linli-smoke", "Accept": "text/html", "Accept-Language": "en"}


class Browser:
    """One person's browser; it remembers who she is and which page she is on."""

    def __init__(self, base_url: str) -> None:
        """Open it with no cookies; addresses may be given from the site's root."""
        self._base = base_url.rstrip("/") + "/"
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.page = Page(self._base, 0, "")

    def open(self, address: str) -> Page:
        """Go to an address and return its page, whatever its status."""
        return self._go(Request(urljoin(self._base, address), headers=_HEADERS))  # noqa: S310

    def read_json(self, address: str) -> Any:
        """Return what an address answers in JSON; the page she is on stays."""
        on = self.page
        try:
            return json.loads(self.open(address).html)
        except json.JSONDecodeError as error:
            raise StepFailedError(address, "an answer in JSON", self.page.html[:200]) from error
        finally:
            self.page = on

    def send(self, form: Form | None, **typed: str | None) -> Page:
        """Send a form of her page with what she typed; None leaves a field out."""
        if form is None:
            came = f"{self.page.status}: {self.page.text[:300]}"
            raise StepFailedError(self.page.url, "a form to fill in", came)
        kept = [(name, value) for name, value in form.fields if name not in typed]
        added = [(name, value) for name, value in typed.items() if value is not None]
        headers = {**_HEADERS, "Referer": self.page.url}
        body = urlencode(kept + added).encode()
        return self._go(Request(form.action, data=body, headers=headers))  # noqa: S310

    def must_open(self, address: str) -> Page:
        """Go to an address that has to answer with 200."""
        page = self.open(address)
        if page.status != 200:
            raise StepFailedError(page.url, 200, f"{page.status}: {page.text[:300]}")
        return page

    def _go(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=_SECONDS) as reply:
                html = reply.read().decode("utf-8", errors="replace")
                self.page = Page(reply.url, reply.status, html)
        except HTTPError as refusal:
            html = refusal.read().decode("utf-8", errors="replace")
            self.page = Page(refusal.url or request.full_url, refusal.code, html)
        except (URLError, OSError) as error:
            raise StepFailedError(request.full_url, "an answer", error) from error
        return self.page
