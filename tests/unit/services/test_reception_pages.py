"""Pages and their openers: whom the portal vouches for, and whose tokens are taken."""

from __future__ import annotations

import pytest

from b24app.ports.identity import PageUser
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.pages import PageOpening
from tests.fakes_web import ACCESS_TOKEN
from tests.fakes_web import DOMAIN
from tests.fakes_web import MEMBER
from tests.fakes_web import OTHER_MEMBER
from tests.fakes_web import REFRESH_TOKEN
from tests.fakes_web import Outside
from tests.unit.services.test_reception import page
from tests.unit.services.test_reception import state


@pytest.fixture
def outside() -> Outside:
    return Outside()


def test_a_page_is_believed_when_the_portal_knows_its_token(outside: Outside) -> None:
    visitor = outside.reception.page_opened(page())
    assert (visitor.user.id, visitor.portal.member_id, visitor.connected) == (7, MEMBER, True)
    assert outside.identity.asked == [f"https://{DOMAIN}/rest/"]


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param(page(access_token="guess"), id="a token the portal refuses"),
        pytest.param(page(domain="evil.example"), id="another domain"),
        pytest.param(page(member_id=OTHER_MEMBER), id="another portal"),
        pytest.param(page(member_id=OTHER_MEMBER, domain="xxx.bitrix24.com"), id="a token of another portal"),
        pytest.param(page(member_id="nobody"), id="unknown portal"),
    ],
)
def test_a_forged_page_is_refused(outside: Outside, opening: PageOpening) -> None:
    before = state(outside)
    with pytest.raises(UntrustedCaller):
        outside.reception.page_opened(opening)
    assert state(outside) == before


def test_a_page_of_an_uninstalled_portal_is_refused_without_asking_anybody(outside: Outside) -> None:
    outside.uninstall()
    with pytest.raises(UntrustedCaller):
        outside.reception.page_opened(page())
    assert outside.identity.asked == []


def test_lost_service_tokens_are_taken_from_an_administrators_page(outside: Outside) -> None:
    outside.vault.pairs.clear()
    assert outside.reception.page_opened(page()).connected
    assert outside.vault.pairs[MEMBER].refresh == REFRESH_TOKEN
    assert outside.portal().service_user_id == 7


def test_tokens_of_a_person_who_is_no_administrator_are_not_taken(outside: Outside) -> None:
    outside.vault.pairs.clear()
    outside.identity.users[f"https://{DOMAIN}/rest/", ACCESS_TOKEN] = PageUser(8, admin=False, name="Пётр")
    assert not outside.reception.page_opened(page()).connected
    assert outside.vault.pairs == {}
