"""Structured logs. No token, location or body ever goes into them: a request is told by its route, not its content."""

import logging
import sys

import structlog
from litestar.logging.config import LoggingConfig, StructLoggingConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.logging import LoggingMiddlewareConfig

from server.settings import LogFormat, LogLevel, Settings


def configure_logs(settings: Settings) -> None:
    """What the worker needs; the application does the same with `make_log_config`."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # In an outage a pool logs a traceback a try; `kit.rounds` and `server.web.errors` tell the outage, once.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
    make_log_config(settings).configure()


def make_request_log() -> DefineMiddleware:
    """A line a request: method, path and status. The probes are left to the metrics.

    So are Apple's phones: their paths name the phone's library, which is all that the list of its passes asks for.
    """
    return LoggingMiddlewareConfig(
        exclude=["^/health/", "^/metrics$", "^/apple-wallet/"],
        request_log_fields=["method", "path"],
        response_log_fields=["status_code"],
    ).middleware


def make_log_config(settings: Settings) -> StructLoggingConfig:
    """Litestar's plugin for structlog would add nothing but the import of its command line, 0.1 s of each start."""
    return StructLoggingConfig(
        processors=_processors(settings.log_format),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        wrapper_class=structlog.make_filtering_bound_logger(_number(settings.log_level)),
        standard_lib_logging_config=LoggingConfig(configure_root_logger=False),
        log_exceptions="never",  # server.web.errors does, with the route and without local variables
        pretty_print_tty=False,
    )


def _processors(log_format: LogFormat) -> list[structlog.typing.Processor]:
    # Tracebacks without local variables: a frame may hold a token or a location.
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format == "text":
        plain = structlog.dev.plain_traceback
        return [*shared, structlog.dev.ConsoleRenderer(exception_formatter=plain, colors=sys.stdout.isatty())]
    return [*shared, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _number(level: LogLevel) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
