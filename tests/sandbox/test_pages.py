"""The pages of both sandboxes: they say what is so, and what cannot be done is refused in words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from b24app.sandbox.clock import FollowingClock
from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.pages.bbcode import render_bb
from b24app.sandbox.pages.onec import onec_pages
from b24app.sandbox.pages.portal import portal_pages
from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.workflow.tasks import UserStatus
from b24app.sandbox.seed import build_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

ADMINISTRATOR, MANAGER = "1", "8"
WORLD = build_world(SandboxClock().now().date())


@pytest.fixture(scope="module")
def portal() -> Iterator[SandboxPortal]:
    """A portal without the app; nothing of it is served."""
    made = SandboxPortal(WORLD)
    yield made
    made.stop()


@pytest.fixture
def onec() -> SandboxOneC:
    """A base of its own for each test."""
    return SandboxOneC(WORLD, clock=SandboxClock(), login="a", password="b", timezone="Europe/Moscow")


class Person:
    """Somebody at the pages of the portal."""

    def __init__(self, portal: SandboxPortal, number: str) -> None:
        pages = portal_pages(portal, app_url="http://127.0.0.2:1", onec_url="http://127.0.0.1:1/ui/")
        self._client, self._url = Client(pages), portal.url
        self._client.set_cookie("sandbox_user", number, domain="127.0.0.1")

    def get(self, path: str, **more: str) -> tuple[int, str]:
        """Open a page: its status and its text, or where it sends one."""
        return _told(self._client.get(path, base_url=self._url, query_string=more))

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form."""
        return _told(self._client.post(path, base_url=self._url, data=form))


def _told(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location") or answer.text


@pytest.fixture
def manager(portal: SandboxPortal) -> Person:
    return Person(portal, MANAGER)


@pytest.fixture
def administrator(portal: SandboxPortal) -> Person:
    return Person(portal, ADMINISTRATOR)


@pytest.fixture
def books(onec: SandboxOneC, portal: SandboxPortal) -> Client:
    return Client(onec_pages(onec, WORLD, clock=portal.clock, portal_url=portal.url))


def test_the_addresses_a_real_portal_has_lead_somewhere(manager: Person) -> None:
    assert manager.get("/crm/deal/") == (302, "/crm/deal/kanban/")
    assert manager.get("/crm/deal/automation/0/")[0] == 200
    assert manager.get("/company/personal/bizproc/") == (302, "/bizproc/")


def test_another_name_of_this_machine_leads_to_the_portals_own(portal: SandboxPortal) -> None:
    pages = portal_pages(portal, app_url="http://127.0.0.2:1", onec_url="http://127.0.0.1:1/ui/")
    answer = Client(pages).get("/crm/deal/details/1/?tab=credit", base_url="http://localhost:8080")
    assert answer.headers["Location"] == f"{portal.url}/crm/deal/details/1/?tab=credit"


@pytest.mark.parametrize(
    ("path", "form", "status", "told"),
    [
        ("/crm/deal/details/1/", {"opportunity": "abc"}, 400, "не похожа на число"),
        ("/crm/deal/details/1/", {"opportunity": "1e40"}, 400, "не больше триллиона"),
        ("/crm/deal/details/1/", {"opportunity": "-5"}, 400, "не меньше нуля"),
        ("/crm/deal/details/9999/", {"opportunity": "5"}, 404, "Такой страницы здесь нет"),
        ("/crm/deal/1/move", {"stage": "NOWHERE"}, 400, "Такого выбора"),
        ("/tasks/9999/complete", {}, 404, "Такой страницы здесь нет"),
        ("/automation/", {"stage": "NEW", "code": "clear"}, 403, "только администратор"),
        ("/bizproc/9999/answer", {"answer": "yes"}, 404, "Такого задания нет"),
        ("/crm/deal/1/process/9999", {}, 404, "Такой страницы здесь нет"),
        ("/crm/deal/9999/process/1", {}, 404, "Такой страницы здесь нет"),
        ("/bizproc/", {}, 405, "Так эта страница не открывается"),
    ],
)
def test_what_cannot_be_done_in_the_portal_is_refused_in_words(
    manager: Person, path: str, form: dict[str, str], status: int, told: str
) -> None:
    refused, text = manager.post(path, **form)
    assert refused == status
    assert told in text
    assert "К сделкам" in text


@pytest.mark.parametrize(
    ("stage", "code"), [("NOWHERE", "clear"), ("NEW", "proceed:"), ("NEW", "proceed:Y:NOWHERE"), ("NEW", "")]
)
def test_a_robot_nobody_offers_is_refused(administrator: Person, stage: str, code: str) -> None:
    assert administrator.post("/automation/", stage=stage, code=code)[0] == 400


def test_a_sum_is_typed_as_people_write_it(manager: Person, portal: SandboxPortal) -> None:
    assert manager.post("/crm/deal/details/1/", opportunity="1\u00a0250 000,5")[0] == 303
    assert str(portal.deal(1)["opportunity"]) == "1250000.50"


def test_a_person_without_tasks_of_processes_is_told_where_they_come_from(portal: SandboxPortal) -> None:
    _, text = Person(portal, "5").get("/bizproc/")
    assert "Заданий нет" in text
    assert "Процесс запускают в карточке сделки" in text
    assert "согласования остановок в этой версии нет" in text


def _discount(person: Person, portal: SandboxPortal, **form: str) -> tuple[int, str]:
    (template,) = portal.core.processes.templates
    return person.post(
        f"/crm/deal/1/process/{template}", **{"discount": "7", "reason": "Большой заказ"} | form
    )


def test_a_process_is_started_in_the_card_and_answered_on_the_page(
    manager: Person, portal: SandboxPortal
) -> None:
    assert _discount(manager, portal) == (303, "/crm/deal/details/1/")
    task = max(portal.core.processes.tasks)
    cfo, deputy = Person(portal, "3"), Person(portal, "4")
    _, text = cfo.get("/bizproc/")
    for part in (
        "Скидка 7 % по сделке № 1",
        "Большой заказ",
        "Запустил: Сергей Панин",
        "обязателен при отказе",
    ):
        assert part in text
    assert f'action="/bizproc/{task}/answer"' not in manager.get("/bizproc/")[1]
    assert cfo.post(f"/bizproc/{task}/answer", answer="no") == (303, f"/bizproc/?comment={task}#task-{task}")
    assert "Не заполнено поле: Комментарий" in cfo.get("/bizproc/", comment=str(task))[1]
    assert manager.post(f"/bizproc/{task}/answer", answer="yes")[0] == 409
    assert cfo.post(f"/bizproc/{task}/answer", answer="no", comment="Нет маржи") == (303, "/bizproc/")
    _, text = cfo.get("/bizproc/")
    assert "Вы ответили" in text
    assert "Нет маржи" in text
    status, text = deputy.post(f"/bizproc/{task}/answer", answer="yes")
    assert (status, "уже ответили" in text) == (409, True)
    assert "Скидка 7 % отклонена: Ирина Ветрова" in manager.get("/crm/deal/details/1/")[1]


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://example.com/a", True),
        ("/crm/deal/details/1/", True),
        ("//evil.example/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_link_in_a_message_leads_to_a_page_or_is_text(address: str, *, linked: bool) -> None:
    shown = render_bb(f"[url={address}]<b>там</b>[/url]")
    assert (f'href="{address}"' in shown) is linked
    assert "&lt;b&gt;там" in shown


def test_the_counter_tells_what_waits(manager: Person, portal: SandboxPortal) -> None:
    def count(number: str) -> str:
        text = Person(portal, number).get("/crm/deal/kanban/board")[1]
        return str(json.loads(text)["processes"])

    assert _discount(manager, portal, discount="3") == (303, "/crm/deal/details/1/")
    assert (count("6"), count("8")) == ("1", "0")
    portal.answer_task(max(portal.core.processes.tasks), 6, UserStatus.YES)
    assert count("6") == "0"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"discount": ""}, "Не заполнено поле: Скидка, %"),
        ({"discount": "семь"}, "«Скидка, %»: нужно целое число"),
        ({"reason": " "}, "Не заполнено поле: Почему"),
    ],
)
def test_the_form_of_a_process_is_read_strictly(
    manager: Person, portal: SandboxPortal, form: dict[str, str], told: str
) -> None:
    status, text = _discount(manager, portal, **form)
    assert (status, told in text) == (400, True)


@pytest.mark.parametrize(
    ("page", "form", "status", "told"),
    [
        ("card/payment", {"amount": "abc"}, 400, "не похожа на число"),
        ("card/payment", {"amount": "1e40"}, 400, "не больше триллиона"),
        ("card/payment", {"amount": "0"}, 400, "больше нуля"),
        ("card/payment", {"amount": "NaN"}, 400, "не меньше нуля"),
        ("card/payment", {"amount": "5", "contract": "another's"}, 400, "Такого выбора"),
        ("card/sale", {"amount": "5", "days": "²"}, 400, "Число дней"),
        ("card/sale", {"amount": "5", "days": "99999"}, 400, "Число дней"),
        ("card/limit", {"amount": "", "limited": "on"}, 400, "не похожа на число"),
        ("card/unpost", {"ref": "nothing"}, 404, "Такой страницы здесь нет"),
        ("nobody/payment", {"amount": "5"}, 404, "Такой страницы здесь нет"),
    ],
)
def test_what_cannot_be_done_in_accounting_is_refused_in_words(
    books: Client, page: str, form: dict[str, str], status: int, told: str
) -> None:
    number = next(client.contracts[0].number for client in WORLD.clients if client.key == "card")
    answer = books.post(f"/ui/client/{page}", data={"contract": number} | form)
    assert answer.status_code == status
    assert told in answer.text
    assert "К списку клиентов" in answer.text


@pytest.mark.parametrize("days", ["", "-1", "1.5", "366"])
def test_the_clock_goes_only_ahead_and_by_whole_days(books: Client, portal: SandboxPortal, days: str) -> None:
    before = portal.clock.now()
    assert books.post("/ui/base/", data={"wish": "clock", "days": days}).status_code == 400
    assert portal.clock.now() - before < timedelta(minutes=1)


def test_the_clock_of_another_process_follows(tmp_path: Path) -> None:
    clock = SandboxClock(told=tmp_path / "clock")
    following = FollowingClock(tmp_path / "clock")
    clock.advance(timedelta(days=30))
    assert abs(clock.now() - following.now()) < timedelta(minutes=1)


def test_a_debt_in_dollars_is_shown_in_dollars(books: Client) -> None:
    text = books.get("/ui/client/dollars/").text
    assert "18\u00a0500,00\u00a0$" in text
    assert "₽" not in text


def test_debt_and_advance_of_one_client_do_not_hide_each_other(books: Client) -> None:
    text = books.get("/ui/client/elsewhere/").text
    assert 'class="debt">140\u00a0000,00\u00a0₽' in text
    assert "аванс 150\u00a0000,00\u00a0₽" in text


def test_a_receipt_tells_the_day_of_the_bank_beside_its_own(books: Client, onec: SandboxOneC) -> None:
    text = books.get("/ui/client/limit/").text
    paid = max(
        payment.paid_on for client in WORLD.clients if client.key == "limit" for payment in client.payments
    )
    assert f"банк провёл {paid:%d.%m.%Y}" in text
    document = onec.post_payment("limit", WORLD.deals[0].amount, confirmed=False)
    assert "банк ещё не провёл" in books.get("/ui/client/limit/").text
    onec.confirm(document)
    assert "банк ещё не провёл" not in books.get("/ui/client/limit/").text
