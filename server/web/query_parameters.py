"""Which query parameters a route knows. Another one is refused, as an unknown field of a body is.

Litestar hands a handler the parameters that it declares and drops the others without a word: a filter that is misspelt,
or that does not exist, would give the whole list. And it reads them leniently: `1e3` for a number, `TRUE` and `1` for
true, `null` for no day. Here they are as strict as the fields of a body.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import msgspec
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from kit.decode_faults import explain
from server.problems import Problem

# (method, path template) -> the type of each name, in the order of the names.
KnownParameters: TypeAlias = Mapping[tuple[str, str], Mapping[str, Any]]

# Of a controller whose callers are other people's programs, such as Apple's phones: what they add is ignored, in a body
# as in a query.
LENIENT: Mapping[str, Any] = {"takes_unknown_parameters": True}
# Of a route that lists: where to ask for what people look for here, and what does not belong into a URL.
INSTEAD = "instead_of_parameters"
_MAX_QUOTED = 100
_WRITTEN: Mapping[type, tuple[re.Pattern[str], str]] = {
    int: (re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII), "an integer"),
    bool: (re.compile("true|false"), "true or false"),
}


def find_known_parameters(app: Litestar) -> KnownParameters:
    """Of every guarded route: those that the handler declares, and those of its dependencies."""
    return {
        (method, route.path_format): _find_types(handler, model.expected_query_params)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, model) in route.route_handler_map.items()
    }


def _find_types(handler: HTTPRouteHandler, parameters: Iterable[Any]) -> dict[str, Any]:
    providers = handler.resolve_dependencies().values()
    signatures = [*(each.parsed_fn_signature for each in providers), handler.parsed_fn_signature]
    fields = {name: field for signature in signatures for name, field in signature.parameters.items()}
    types = {each.field_alias: fields[each.field_name].annotation for each in parameters}
    return {name: types[name] for name in sorted(types)}


def require_known_parameters(request: Request[Any, Any, State]) -> None:
    """Raises Problem."""
    query: bytes = request.scope["query_string"]
    if not query or LENIENT.items() <= request.route_handler.opt.items():
        return
    known: KnownParameters = request.app.state.known_parameters
    check_parameters(query, known[request.method, request.scope["path_template"]], request.route_handler.opt)


def check_parameters(query: bytes, known: Mapping[str, Any], opt: Mapping[str, Any] | None = None) -> None:
    """Raises Problem for a name that is not known, for one that comes twice, of which only one would count, and for a
    value that is not written as its type is.
    """
    if not query:
        return
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    names = [name for name, _ in pairs]
    unknown = sorted(set(names) - set(known))
    if unknown:
        takes = f"takes {_enumerate(list(known))}" if known else "takes no query parameters"
        parts = [f"Remove the query parameter {_quote(unknown[0])}: this route {takes}.", (opt or {}).get(INSTEAD, "")]
        raise Problem("invalid-request", " ".join(filter(None, parts)))
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise Problem("invalid-request", f"Send the query parameter {_quote(repeated[0])} once.")
    for name, value in pairs:
        _check_value(name, value, known[name])


def _check_value(name: str, value: str, asked: Any) -> None:
    if asked in _WRITTEN:
        pattern, what = _WRITTEN[asked]
        fault = None if pattern.fullmatch(value) else f"{name} must be {what}"
    else:
        fault = _find_fault(name, value, asked)
    if fault is not None:
        raise Problem("invalid-request", f"Correct this query parameter and send it again: {fault}.")


def _find_fault(name: str, value: str, asked: Any) -> str | None:
    try:
        msgspec.convert(value, asked)
    except msgspec.ValidationError as error:
        return explain(error, asked, whole=name)
    return None


def _quote(name: str) -> str:
    return repr(name if len(name) <= _MAX_QUOTED else name[:_MAX_QUOTED] + "…")


def _enumerate(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
