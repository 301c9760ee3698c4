"""Logging of a running program: JSON lines on stderr, secrets hidden."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING
from typing import Final

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict
    from structlog.typing import Processor
    from structlog.typing import WrappedLogger

SECRET_KEY: Final = re.compile(r"token|secret|password|auth|refresh|access", re.IGNORECASE)
SECRET_IN_TEXT: Final = re.compile(
    r"((?:access_token|refresh_token|client_secret|auth|AUTH_ID|REFRESH_ID|application_token)=)[^&\s\"']+"
)
HIDDEN: Final = "***"


def hide_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace values under telling names, and tokens inside texts."""
    del logger, method
    for key, value in event.items():
        if SECRET_KEY.search(key):
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = SECRET_IN_TEXT.sub(rf"\1{HIDDEN}", value)
    return event


def start_logging() -> None:
    """Send structlog and the standard library's records through one chain to stderr."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                hide_secrets,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("apscheduler", "waitress.queue", "urllib3", "alembic", "fast_bitrix24"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
