"""Structured logs. No token, location or body ever goes into them: a request is told by its route, not its content."""

import logging
import sys

import structlog
from litestar.logging.config import LoggingConfig, StructLoggingConfig

from server.settings import LogFormat, LogLevel, Settings


def configure_logs(settings: Settings) -> None:
    """For the whole process, libraries too; the application does it once more, with `make_log_config`."""
    processors = _processors(settings.log_format)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *processors[:_SHARED]],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *processors[_SHARED:]],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    make_log_config(settings).configure()


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


# So many stand before those that write the line.
_SHARED = 3


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
