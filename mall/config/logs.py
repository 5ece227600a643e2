"""Logging: one line per event, ``when level where event key=value …``, nothing personal in it.

``structlog.get_logger(__name__).info("payment.sent", payment_no=…)`` and the standard library's
loggers both end here, so a library's line is masked like one of ours.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from mall.config.masking import masked, masked_text

_PLAIN: Final = re.compile(r"[^\s\"'=]+")
# Django hands over its request, which written out is the whole address with what was typed; the
# other two are another handler's copy of the line.
_LEFT_OUT: Final = frozenset({"request", "message", "asctime"})
_FIRST: Final = ("timestamp", "level", "logger", "event")


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask every value of the line, the event itself and the traceback."""
    return {name: masked(value, name) for name, value in event.items() if name not in _LEFT_OUT}


def render(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> str:
    """Write the line. A traceback follows on lines of its own; nothing else may break the line."""
    traceback = event.pop("exception", None)
    head = [_one_line(str(event.pop(name))) for name in _FIRST if name in event]
    pairs = [f"{name}={_quoted(value)}" for name, value in event.items() if value is not None]
    line = " ".join([*head, *pairs])
    return f"{line}\n{masked_text(str(traceback))}" if traceback else line


def _one_line(text: str) -> str:
    """Nobody outside can start a new log line by sending a line break."""
    return text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")


def _quoted(value: object) -> str:
    text = _one_line(str(value))
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '\\"') + '"'


_BOTH: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [*_BOTH, structlog.stdlib.ExtraAdder()],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask,
                render,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Our own access line says more and nothing personal; 404s would say the whole address.
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        "django": {"level": "INFO"},
        "oscar.alerts": {"level": "WARNING"},  # two lines for every product saved
        "urllib3": {"level": "WARNING"},
        "PIL": {"level": "WARNING"},
    },
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_BOTH,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
