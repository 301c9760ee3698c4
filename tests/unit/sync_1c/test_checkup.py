"""Each check of a 1C base alone: what an answer, a failure or a list of objects is taken for."""

from __future__ import annotations

import json
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import requests
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import NameResolutionError
from urllib3.exceptions import NewConnectionError

from b24app.messages.briefs import Reader
from b24app.messages.doctor_lines import lines
from b24app.ports.diagnosis import Finding
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import GatewayError
from b24app.ports.errors import NotReached
from b24app.ports.errors import TransportFailure
from sync_1c import profiles
from sync_1c.checkup import connection
from sync_1c.checkup.objects import Access
from sync_1c.checkup.objects import composition
from sync_1c.checkup.objects import configuration
from sync_1c.profiles import bp30
from sync_1c.profiles import unf
from sync_1c.profiles import ut11
from sync_1c.transport import Knock

ZONE = ZoneInfo("Europe/Moscow")
URL = "https://user:marker-password@1c.example.ru:8443/ut/odata/standard.odata?key=marker-key"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)


def said(finding: Finding) -> str:
    """Put a finding into words in both languages; nothing secret may stand there."""
    whole = "\n".join(line for language in ("ru", "en") for line in lines(finding, Reader(ZONE, language)))
    assert "marker" not in whole
    assert "{" not in whole
    return whole


def odata_error(code: str) -> bytes:
    return json.dumps({"odata.error": {"code": code, "message": {"value": "…"}}}).encode()


def knock(status: int = 200, body: bytes = b'{"value": []}', **headers: str) -> Knock:
    return Knock(status, headers, body, 0.1)


def caused(error: GatewayError, cause: Exception) -> GatewayError:
    error.__cause__ = cause
    return error


POOL = HTTPConnectionPool("1c.example.ru")
LINK = HTTPConnection("1c.example.ru")


@pytest.mark.parametrize(
    ("error", "fact", "words"),
    [
        (
            caused(
                NotReached("x"),
                requests.ConnectionError(
                    MaxRetryError(POOL, "/", NameResolutionError("1c.example.ru", LINK, OSError()))  # type: ignore[arg-type]
                ),
            ),
            "unknown_host",
            "имя 1c.example.ru не находится",
        ),
        (
            caused(
                NotReached("x"),
                requests.ConnectionError(MaxRetryError(POOL, "/", NewConnectionError(LINK, "refused"))),
            ),
            "refused",
            "Проверьте порт",
        ),
        (caused(NotReached("x"), requests.ConnectTimeout("slow")), "timeout", "межсетевой экран"),
        (caused(NotReached("x"), requests.exceptions.SSLError("bad")), "tls", "сертификат"),
        (caused(NotReached("x"), requests.ConnectionError("reset")), "dropped", "обрывает"),
        (caused(TransportFailure("x"), requests.ReadTimeout("slow")), "silent", "не отвечает"),
        (caused(BadAnswer("x"), requests.RequestException("odd")), "not_http", "не веб-сервер"),
        (TransportFailure("x"), "silent", "не отвечает"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failed_connection_is_named_by_its_cause(error: GatewayError, fact: str, words: str) -> None:
    finding = connection.not_reached(error, URL)
    assert finding.fact.name == fact
    assert words in said(finding)


@pytest.mark.parametrize(
    ("answer", "url", "fact"),
    [
        (knock(), URL, "answers"),
        (knock(), "http://127.0.0.1:8080/ut", "answers"),
        (knock(), "http://[::1]:8080/ut", "answers"),
        (knock(), "http://1c.example.ru/ut", "plain"),
        (knock(401, b""), URL, "answers"),
        (knock(503, b""), URL, "busy"),
        (knock(302, b"", location="https://u:marker@new.example.ru/ut?marker"), URL, "redirect"),
    ],
)
def test_an_address_that_answers(answer: Knock, url: str, fact: str) -> None:
    finding = connection.reached(answer, url)
    assert finding.fact.name == fact
    assert "example.ru" in said(finding) or ":8080/ut" in said(finding)


@pytest.mark.parametrize(
    ("answer", "published", "login"),
    [
        (knock(200), "answers", "accepted"),
        (knock(401, b"<html>"), "guarded", "refused"),
        (knock(401, odata_error("20")), "guarded", "no_role"),
        (knock(403, b"<html>"), "guarded", "forbidden"),
        (knock(404, b"<html>"), "missing", "accepted"),
        (knock(404, odata_error("8")), "missing", "accepted"),
        (knock(200, b"<html>"), "foreign", "accepted"),
        (knock(200, b'{"hello": 1}'), "foreign", "accepted"),
        (knock(500, odata_error("-1")), "broken", "accepted"),
        (knock(500, b""), "broken", "accepted"),
        (knock(400, b""), "broken", "accepted"),
    ],
)
def test_publication_and_login_by_the_first_answer(answer: Knock, published: str, login: str) -> None:
    first, second = connection.published(answer, URL), connection.let_in(answer, "Обмен")
    assert (first.fact.name, second.fact.name) == (published, login)
    assert said(first)
    assert "«Обмен»" in said(second)


@pytest.mark.parametrize(
    ("first", "second", "fact"),
    [(0.1, 0.1, "usual"), (19.9, 4.9, "usual"), (20.1, 0.2, "slow_first"), (6.0, 5.1, "slow")],
)
def test_seconds_of_the_first_and_the_next_request(first: float, second: float, fact: str) -> None:
    finding = connection.speed(first, second, 20.0)
    assert finding.fact.name == fact
    assert f"{second}".replace(".", ",") in said(finding)


@pytest.mark.parametrize(
    ("date", "level", "fact"),
    [
        ("Tue, 24 Nov 2026 09:00:59 GMT", "ok", "agrees"),
        ("Tue, 24 Nov 2026 08:59:01 GMT", "ok", "agrees"),
        ("Tue, 24 Nov 2026 12:01:30 +0300", "warning", "ahead"),
        ("Tue, 24 Nov 2026 08:58:00 -0000", "warning", "behind"),
        ("Tue, 24 Nov 2026 12:00:00 GMT", "wrong", "ahead"),
        ("yesterday", "warning", "untold"),
        ("", "warning", "untold"),
    ],
)
def test_the_clock_by_the_date_of_an_answer(date: str, level: str, fact: str) -> None:
    finding = connection.clock(knock(date=date), NOW)
    assert (finding.level.value, finding.fact.name) == (level, fact)
    assert said(finding)


@pytest.mark.parametrize(
    ("ahead", "fact"),
    [
        ([], "unseen"),
        ([timedelta(hours=-7)], "unseen"),
        ([timedelta(minutes=4)], "unseen"),
        ([timedelta(hours=15)], "unseen"),
        ([NAIVE.replace(hour=23, minute=59, second=59) - NAIVE], "unseen"),
        ([timedelta(hours=-1), timedelta(hours=7)], "future"),
    ],
)
def test_documents_from_the_future_betray_another_zone(ahead: list[timedelta], fact: str) -> None:
    finding = connection.zone([NAIVE + each for each in ahead], NAIVE, "Europe/Moscow")
    assert finding.fact.name == fact
    assert "Europe/Moscow" in said(finding)
    assert ("24.11.2026 16:00" in said(finding)) == (fact == "future")


@pytest.mark.parametrize(
    ("sets", "wanted", "fact", "profile"),
    [
        (ut11.NEEDED, "auto", "auto", "ut11"),
        (ut11.NEEDED, "erp2", "agrees", "ut11"),
        ((*ut11.NEEDED, *bp30.NEEDED), "bp30", "several", "bp30"),
        (unf.NEEDED, "bp30", "differs", "unf"),
        (("Catalog_X",), "auto", "unknown", None),
        (("Catalog_X",), "unf", "unknown", "unf"),
        ((), "auto", "nothing", None),
        ((), "unf", "nothing", "unf"),
    ],
)
def test_the_configuration_by_what_is_published(
    sets: tuple[str, ...], wanted: str, fact: str, profile: str | None
) -> None:
    finding, found = configuration(sets, wanted)
    assert finding.fact.name == fact
    assert (found.NAMES[0] if found is not None else None) == profile
    assert said(finding)


@pytest.mark.parametrize("profile", profiles.known(), ids=lambda profile: profile.NAMES[0])
def test_what_a_configuration_needs_is_ticked_off_one_by_one(profile: object) -> None:
    for each in profiles.known():
        if each is profile:
            everything = {*each.NEEDED, *each.USEFUL, "Catalog_More"}
            assert composition(everything, each).fact.name == "whole"
            lacks = composition(everything - {each.NEEDED[0]}, each, ("Catalog_More", "Catalog_Lacking"))
            named = [item.pieces["object"] for item in lacks.items]
            assert (lacks.fact.name, named) == ("missing", [each.NEEDED[0], "Catalog_Lacking"])
            assert [line.strip() for line in said(lacks).splitlines()][1:3] == [f"• {name}" for name in named]
            assert composition((), each).fact.name == "empty"
            assert composition(each.NEEDED, each).fact.name == "useful"


def test_refused_objects_and_hidden_rows_are_told_apart() -> None:
    both = Access(("A",), ()) + Access((), ("B",))
    assert (both.rights().fact.name, both.rows().fact.name) == ("refused", "hidden")
    assert "• A" in said(both.rights())
    assert "• B" in said(both.rows())
    well = Access((), ())
    assert (well.rights().fact.name, well.rows().fact.name) == ("enough", "unseen")
    assert said(well.rights()) + said(well.rows())
