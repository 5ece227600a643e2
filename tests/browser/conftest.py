"""The people of the stories, each with a telephone of her own, in a town with an open group."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.browser.people import AdminAtHerDesk, LeaderOnDuty, Resident
from tests.browser.town import Town, make_town

_numbers = count(1)
SCREEN = {"width": 1280, "height": 800}


@pytest.fixture
def town(live_mall) -> Town:
    """A leader's open group with goods for 208.00 and the bank's offer."""
    return make_town()


@pytest.fixture
def resident(town, live_mall, acquirer, new_context, assert_page_is_sound) -> Resident:
    """A resident whom nobody knows yet."""
    number = f"137{next(_numbers):08d}"
    return Resident(new_context().new_page(), live_mall, acquirer, number, assert_page_is_sound)


@pytest.fixture
def leader(town, live_mall, acquirer, new_context, assert_page_is_sound) -> LeaderOnDuty:
    """The leader, with her own telephone."""
    number = town.leader.user.phone.removeprefix("+86")
    return LeaderOnDuty(new_context().new_page(), live_mall, acquirer, number, assert_page_is_sound)


@pytest.fixture
def admin_desk(town, live_mall, browser) -> Iterator[AdminAtHerDesk]:
    """A large screen; the admin's pages are judged by the tests of the admin."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield AdminAtHerDesk(context.new_page(), live_mall)
    context.close()
