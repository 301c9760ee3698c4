"""The log of a running program tells no secret."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from b24app.cli.logs import hide_secrets
from tests.edge.test_cli import ROOT

SECRETS = [
    pytest.param({"access_token": "marker-1"}, id="a key that tells"),
    pytest.param({"AUTH_ID": "marker-1"}, id="in capitals"),
    pytest.param({"client_secret": "marker-1", "password": "marker-2"}, id="several"),
    pytest.param({"event": "GET /rest/profile?auth=marker-1&x=2"}, id="in an address"),
    pytest.param({"why": "refresh_token=marker-1&client_secret=marker-2"}, id="in a query"),
    pytest.param({"exception": "URL: 'https://o/?access_token=marker-1'"}, id="in a traceback"),
    pytest.param({"why": "AUTH_ID=marker-1&REFRESH_ID=marker-2&application_token=marker-3"}, id="in a form"),
]


@pytest.mark.parametrize("event", SECRETS)
def test_a_log_line_hides_secrets(event: dict[str, str]) -> None:
    shown = hide_secrets(logging.getLogger(), "info", dict(event))
    assert "marker-" not in str(shown)
    assert set(shown) == set(event)


def test_a_log_line_shows_the_rest() -> None:
    event = {"event": "delivery.refused", "deal": 7, "why": "auth of user 3 is gone", "x": "a=1&auth=m&b=2"}
    shown = hide_secrets(logging.getLogger(), "info", dict(event))
    assert shown == event | {"x": "a=1&auth=***&b=2"}


def test_a_running_program_logs_lines_of_json_without_secrets() -> None:
    program = (
        "import logging, structlog\n"
        "from b24app.cli.logs import start_logging\n"
        "start_logging()\n"
        "structlog.get_logger('x').info('said', token='marker-1', why='auth=marker-2')\n"
        "logging.getLogger('lib').warning('got %s', 'access_token=marker-3')\n"
        "try:\n    raise ValueError('refresh_token=marker-4')\n"
        "except ValueError:\n    logging.getLogger('lib').exception('broke')\n"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("{") for line in lines)
    assert "marker-" not in done.stderr
    assert "ValueError" in done.stderr
