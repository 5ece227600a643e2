"""The admin's desk: signing in with a password, finding a row, starting an action on it."""

from __future__ import annotations

from urllib.parse import urlencode

from mall.config.smoke.browser import Browser
from mall.config.smoke.pages import Page
from mall.config.smoke.telling import StepFailedError


class AdminDesk:
    """One member of staff in the Django admin."""

    def __init__(self, base_url: str, *, name: str, password: str) -> None:
        """Sign in; StepFailedError for a wrong name or password."""
        self.browser = Browser(base_url)
        self.name = name
        page = self.browser.must_open("/admin/login/?next=/admin/")
        page = self.browser.send(page.form(with_text=""), username=name, password=password)
        if "/login" in page.url:
            raise StepFailedError(f"the admin's sign-in as {name}", "the admin", page.text[:200])

    def search_field(self, model: str, field: str, term: str) -> str:
        """Return the id an autocomplete field of groupbuy offers first for a word; "" for none."""
        asked = {"app_label": "groupbuy", "model_name": model, "field_name": field, "term": term}
        offered = self.browser.read_json(f"/admin/autocomplete/?{urlencode(asked)}")["results"]
        return str(offered[0]["id"]) if offered else ""

    def find(self, model: str, query: str, **filters: str) -> str:
        """Return the id of the first row of a list that a search and filters leave; "" for none."""
        page = self._list(model, query, filters)
        ticks = page.found(r'name="_selected_action"\s+value="(\d+)"')
        return ticks[0] if ticks else ""

    def act(self, model: str, action: str, query: str, **more: str) -> Page:
        """Start an action on the one row a search finds; ``more`` answers what it asks."""
        row = self.find(model, query)
        if not row:
            raise StepFailedError(f"/admin/{model}/?q={query}", "a row", "none")
        if f'<option value="{action}"' not in self.browser.page.html:
            raise StepFailedError(f"the actions of /admin/{model}/", action, "no such action")
        form = self.browser.page.form(id_="changelist-form")
        chosen = {"action": action, "_selected_action": row, "index": "0"}
        page = self.browser.send(form, **chosen)
        if page.status == 200 and more:
            page = self.browser.send(page.form(with_text=""), **more)
        if page.status != 200:
            raise StepFailedError(f"/admin/{model}/ {action}", 200, page.text[:300])
        return page

    def _list(self, model: str, query: str, filters: dict[str, str]) -> Page:
        asked = urlencode({"q": query, **filters})
        return self.browser.must_open(f"/admin/{model}/?{asked}")
