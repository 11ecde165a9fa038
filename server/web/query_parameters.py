"""Which query parameters a route knows. Another one is refused, as an unknown field of a body is.

Litestar hands a handler the parameters that it declares and drops the others without a word: a filter that is misspelt,
or that does not exist, would give the whole list.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from server.problems import Problem

# (method, path template) -> the names, sorted.
KnownParameters: TypeAlias = Mapping[tuple[str, str], Sequence[str]]

# Of a controller whose callers are other people's programs, such as Apple's phones: what they add is ignored, in a body
# as in a query.
LENIENT: Mapping[str, Any] = {"takes_unknown_parameters": True}
# Of a route that lists: where to ask for what people look for here, and what does not belong into a URL.
INSTEAD = "instead_of_parameters"
_MAX_QUOTED = 100


def find_known_parameters(app: Litestar) -> KnownParameters:
    """Of every guarded route: those that the handler declares, and those of its dependencies."""
    return {
        (method, route.path_format): sorted(each.field_alias for each in model.expected_query_params)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (_, model) in route.route_handler_map.items()
    }


def require_known_parameters(request: Request[Any, Any, State]) -> None:
    """Raises Problem."""
    query: bytes = request.scope["query_string"]
    if not query or LENIENT.items() <= request.route_handler.opt.items():
        return
    known: KnownParameters = request.app.state.known_parameters
    check_parameters(query, known[request.method, request.scope["path_template"]], request.route_handler.opt)


def check_parameters(query: bytes, known: Sequence[str], opt: Mapping[str, Any] | None = None) -> None:
    """Raises Problem for a name that is not known, and for one that comes twice, of which only one would count."""
    names = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    unknown = sorted(set(names) - set(known))
    if unknown:
        takes = f"takes {_enumerate(known)}" if known else "takes no query parameters"
        parts = [f"Remove the query parameter {_quote(unknown[0])}: this route {takes}.", (opt or {}).get(INSTEAD, "")]
        raise Problem("invalid-request", " ".join(filter(None, parts)))
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise Problem("invalid-request", f"Send the query parameter {_quote(repeated[0])} once.")


def _quote(name: str) -> str:
    return repr(name if len(name) <= _MAX_QUOTED else name[:_MAX_QUOTED] + "…")


def _enumerate(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
