"""Answers of the portal and the authorization server, over the vendor's own samples."""

from __future__ import annotations

import json
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import MethodParked
from b24app.ports.errors import MethodUnknown
from b24app.ports.errors import NotFound
from b24app.ports.errors import RateLimited
from b24app.ports.errors import Rejected
from b24app.ports.errors import TokensDead
from b24app.ports.errors import TransportFailure
from b24app.protocol.answers import RawAnswer
from b24app.protocol.answers import TokenExpired
from b24app.protocol.answers import parse_answer
from b24app.protocol.answers import parse_batch
from b24app.protocol.answers import parse_grant

SAMPLES = Path(__file__).parents[2] / "payloads" / "bitrix24"

VERDICTS: dict[str, type[GatewayError]] = {
    "expired_token": TokenExpired,
    "query_limit_exceeded": RateLimited,
    "operation_time_limit": MethodParked,
    "overload_limit": Rejected,
    "invalid_grant": TokensDead,
    "no_auth_found": TokensDead,
    "invalid_token": TokensDead,
    "authorization_error": TokensDead,
    "error_oauth": AuthLost,
    "application_not_found": AuthLost,
    "payment_required": AuthLost,
    "wrong_client": AuthLost,
    "invalid_client": AuthLost,
    "not_installed": AuthLost,
    "portal_deleted": AuthLost,
    "access_denied": Forbidden,
    "insufficient_scope": Forbidden,
    "invalid_scope": Forbidden,
    "user_access_error": Forbidden,
    "invalid_credentials": Forbidden,
    "method_confirm_waiting": Forbidden,
    "not_found": NotFound,
    "not found": NotFound,
    "error_method_not_found": MethodUnknown,
    "error_manifest_is_not_available": MethodUnknown,
    "internal_server_error": TransportFailure,
    "error_unexpected_answer": TransportFailure,
    "error_core": Rejected,
    "invalid_request": Rejected,
    "error_batch_length_exceeded": Rejected,
    "error_batch_method_not_allowed": Rejected,
}
LISTED = [code for code, kind in VERDICTS.items() if kind is not Rejected] + ["overload_limit"]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def raw(payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> RawAnswer:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return RawAnswer(status, headers or {}, body)


def verdict(payload: Any, status: int = 400) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        parse_answer("some.method", raw(payload, status))
    return caught.value


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500, 503])
@pytest.mark.parametrize("code", LISTED)
def test_the_code_decides_whatever_its_case_and_the_http_status(code: str, status: int) -> None:
    expected = VERDICTS[code]
    for spelling in (code, code.upper(), code.title()):
        assert type(verdict({"error": spelling, "error_description": "нет"}, status)) is expected


@pytest.mark.parametrize("name", ["errors-system-table.json", "errors-sdk-docstrings.json"])
def test_every_error_the_vendor_lists_has_its_verdict(name: str) -> None:
    for entry in json.loads(sample(name)):
        body = entry.get("body", entry)
        status = entry.get("status", entry.get("section_status"))
        assert type(verdict(body, status)) is VERDICTS[body["error"].lower()], body


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        pytest.param("", 400, Rejected, id="empty"),
        pytest.param("0", 400, Rejected, id="nought as text"),
        pytest.param(0, 200, Rejected, id="nought with 200"),
        pytest.param(100, 400, Rejected, id="a number"),
        pytest.param(None, 400, Rejected, id="null"),
        pytest.param("-", 400, Rejected, id="dash"),
        pytest.param("", 403, Forbidden, id="empty with 403"),
        pytest.param(0, 401, AuthLost, id="nought with 401"),
        pytest.param("", 404, NotFound, id="empty with 404"),
        pytest.param("whatever", 502, TransportFailure, id="unlisted with 502"),
    ],
)
def test_a_code_that_says_nothing_leaves_the_verdict_to_the_status(
    code: Any, status: int, expected: type[GatewayError]
) -> None:
    assert type(verdict({"error": code, "error_description": "QUERY_LIMIT_EXCEEDED"}, status)) is expected


def test_what_was_refused_before_execution_is_certain_and_what_crashed_is_not() -> None:
    assert not verdict({"error": "QUERY_LIMIT_EXCEEDED"}, 503).uncertain
    assert not verdict({"error": "expired_token"}, 401).uncertain
    assert verdict({"error": "INTERNAL_SERVER_ERROR"}, 500).uncertain
    assert not verdict({"error": "OVERLOAD_LIMIT"}, 503).retryable


def test_the_pause_a_refusal_asks_for_is_kept() -> None:
    with pytest.raises(RateLimited) as caught:
        parse_answer("m", raw({"error": "QUERY_LIMIT_EXCEEDED"}, 503, {"Retry-After": "7"}))
    assert caught.value.retry_after == 7


def test_a_parked_method_opens_at_the_last_known_reset() -> None:
    until = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
    with pytest.raises(MethodParked) as caught:
        parse_answer(
            "crm.item.list", raw({"error": "OPERATION_TIME_LIMIT"}, 429), resets={"crm.item.list": until}
        )
    assert (caught.value.method, caught.value.until) == ("crm.item.list", until)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param(b"<html>login</html>", 200, BadAnswer, id="a login page"),
        pytest.param(b"", 200, BadAnswer, id="nothing"),
        pytest.param(b"[]", 200, BadAnswer, id="a list"),
        pytest.param(b"{}", 200, BadAnswer, id="neither result nor error"),
        pytest.param(b'{"result": 1', 200, BadAnswer, id="cut off"),
        pytest.param(b"\xff\xfe", 200, BadAnswer, id="not text"),
        pytest.param(b"<html>bad gateway</html>", 502, TransportFailure, id="a proxy's 502"),
        pytest.param(b"{}", 500, TransportFailure, id="an empty 500"),
    ],
)
def test_what_is_not_the_protocol_is_uncertain(
    body: bytes, status: int, expected: type[GatewayError]
) -> None:
    error = verdict(body, status)
    assert type(error) is expected
    assert error.uncertain


def test_numbers_with_a_fraction_are_read_exactly() -> None:
    answer = parse_answer("m", raw(b'{"result": {"opportunity": 90071992547409.93}}'))
    assert answer.result["opportunity"] == Decimal("90071992547409.93")


@pytest.mark.parametrize("value", [False, None, 0, [], ""])
def test_an_empty_result_is_a_result(value: object) -> None:
    assert parse_answer("m", raw({"result": value})).result == value


def test_an_empty_error_beside_a_result_is_no_error() -> None:
    assert parse_answer("m", raw({"result": 5, "error": ""})).result == 5


def test_samples_of_success_are_read() -> None:
    deal = parse_answer("crm.item.update", raw(sample("crm-item-update-deal-response.json")))
    assert deal.result["item"]["stageId"] == "C9:UC_NYL06U"
    leads = parse_answer("crm.item.list", raw(sample("crm-item-list-lead-response.json")))
    assert (leads.total, leads.next, len(leads.result["items"])) == (4, None, 4)
    requisites = parse_answer("crm.requisite.list", raw(sample("crm-requisite-list-response.json")))
    assert requisites.result[2]["NAME"] == "Branch in Chernyakhovsk"
    notice = parse_answer("im.notify.system.add", raw(sample("im-notify-system-add-response.json")))
    assert notice.timing is not None
    assert notice.timing.operating_reset_at == datetime.fromtimestamp(1760030000, UTC)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crm-item-error-not-found.json", NotFound),
        ("tasks-task-add-error.json", Rejected),
        ("oauth-error-payment-required.json", AuthLost),
    ],
)
def test_samples_of_failure_are_read(name: str, expected: type[GatewayError]) -> None:
    assert type(verdict(json.loads(sample(name)), 400)) is expected


def test_a_batch_gives_results_and_totals_by_command() -> None:
    outer = parse_answer("batch", raw(sample("batch-response-ok.json")))
    answer = parse_batch(outer, {"get_user": "user.current", "get_department": "department.get"})
    assert answer.results["get_user"]["ID"] == "1"
    assert answer.totals == {"get_department": 1}
    assert (answer.errors, answer.nexts) == ({}, {})
    assert answer.timings["get_user"].seconds == Decimal("0.0032150745391845703")


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("batch-response-errors-halt0.json", {"get_user", "get_department"}),
        ("batch-response-error-halt1.json", {"get_user"}),
    ],
)
def test_every_failed_command_of_a_batch_is_seen(name: str, failed: set[str]) -> None:
    answer = parse_batch(parse_answer("batch", raw(sample(name))), {"get_user": "user.current"})
    assert set(answer.errors) == failed
    assert {type(error) for error in answer.errors.values()} == {Forbidden}
    assert answer.results == {}


def test_a_batch_with_numeric_ids_may_come_as_lists() -> None:
    outer = parse_answer(
        "batch", raw({"result": {"result": ["a", None], "result_error": [], "result_total": [3]}})
    )
    answer = parse_batch(outer, {})
    assert (answer.results, answer.totals) == ({"0": "a", "1": None}, {"0": 3})


def test_a_parked_command_names_its_method() -> None:
    payload = {"result": {"result": [], "result_error": {"x": {"error": "OPERATION_TIME_LIMIT"}}}}
    error = parse_batch(parse_answer("batch", raw(payload)), {"x": "crm.item.update"}).errors["x"]
    assert isinstance(error, MethodParked)
    assert error.method == "crm.item.update"


def test_a_grant_is_read_and_never_shows_its_tokens() -> None:
    grant = parse_grant(raw(sample("oauth-refresh-response.json")))
    assert (grant.access, grant.refresh) == (
        "ydtj8pho532wydb5ixk78ol7uqlb7sch",
        "3s6lr4kr3cv2od4v853gvrchb875bwxb",
    )
    assert (grant.client_endpoint, grant.user_id) == ("https://portal.bitrix24.com/rest/", 67)
    assert grant.access not in repr(grant)
    assert grant.refresh not in repr(grant)


@pytest.mark.parametrize("payload", [{"error": "wrong_client"}, {"error": "INVALID_GRANT"}])
def test_an_oauth_error_with_200_is_an_error(payload: dict[str, str]) -> None:
    with pytest.raises(AuthLost):
        parse_grant(raw(payload))


def test_a_grant_without_tokens_is_not_the_protocol() -> None:
    with pytest.raises(BadAnswer):
        parse_grant(raw({"access_token": "", "refresh_token": "x"}))


def test_an_answer_of_too_many_requests_is_that_whatever_its_code() -> None:
    raw_answer = RawAnswer(429, {"Retry-After": "7"}, b'{"error": "", "error_description": "slow down"}')
    with pytest.raises(RateLimited) as refused:
        parse_answer("crm.item.list", raw_answer)
    assert refused.value.retry_after == 7


def test_json_nested_too_deep_to_read_is_no_answer() -> None:
    with pytest.raises(BadAnswer):
        parse_answer("crm.item.list", RawAnswer(200, {}, b"[" * 200_000))
