"""Structured logs of every process, of our code and of libraries alike, without secrets."""

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from serving.repeats import RepeatFilter
from serving.settings import LogSettings

_REDACTED = "[redacted]"
_MEDIA_CLAIMS = (
    # its eight fields or nine and its MAC, wherever it stands and however its dots are written
    r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+(?:(?:\.|%(?:25)*2E)[A-Za-z0-9_-]*){7,9}"
    r"(?:\.|%(?:25)*2E)[A-Za-z0-9_-]{16,}"
)
_SECRETS = re.compile(
    # tokens of rendition URLs and of others, as a parameter of the query or of the path
    r"(?<=[?&;/]t=)[^&;/\s\"'\\]+"
    r"|(?<=token=)[^&;/\s\"'\\]+"
    rf"|{_MEDIA_CLAIMS}"
    r"|(?<=://)[^\s/@\"']*(?=@)"  # user and password of any URL
    r"|(?<=bearer )[^\s\"',\\]+"
    r"|vt[rs]_[A-Za-z0-9_-]+"  # API keys, and tokens of SCIM
    r"|(?<=/files/)[^/?#\s\"'\\]+"  # links to uploads and results
    r"|(?<=[?&]link=)[^&\s\"'\\]+"  # links to log in
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # tokens of identity providers
    r"|whsec_[A-Za-z0-9+/=_-]+"  # secrets of webhooks
    r"|(?<=password=)[^\s&\"']+",
    re.IGNORECASE,
)
#: Libraries that say too much below this level.
_QUIETER = {
    "httpx2": "WARNING",
    "httpcore2": "WARNING",
    "botocore": "WARNING",
    "aiobotocore": "WARNING",
}


def redact(text: str) -> str:
    """Hide what must not be in a log: tokens, credentials in URLs, keys."""
    return _SECRETS.sub(_REDACTED, text)


def configure_logging(settings: LogSettings, *, process: str, stream: TextIO = sys.stdout) -> None:
    """Send the logs of this process to a stream, one line an event; what lasts, every ten seconds.

    Args:
        settings: the level and the format.
        process: its name in every line: `api`, `gateway`, …
        stream: stdout, where whoever runs the process collects logs.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,  # what is below the level costs a call and nothing more
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(RepeatFilter())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _Line(process, as_json=settings.log_format == "json"),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, least in _QUIETER.items():
        logging.getLogger(name).setLevel(max(level, logging.getLevelNamesMapping()[least]))


class _Line:
    """Renders an event to a line, and hides secrets wherever they stand in it."""

    def __init__(self, process: str, *, as_json: bool) -> None:
        self._process = process
        self._render: Processor = (
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if as_json
            else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        )

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        line: Any = self._render(logger, name, {"process": self._process, **event})
        return redact(str(line))
