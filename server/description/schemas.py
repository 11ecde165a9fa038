"""The JSON schemas of the API's bodies, made by msgspec from the very types that it decodes and encodes.

So what the document says of a body is what is checked. What msgspec leaves out and generators of clients need is added:
plain names, formats of times, the types of enumerations, the meaning of each field.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import inspect as mi

from server.description.field_docs import find_field_docs

JsonSchema: TypeAlias = dict[str, Any]

_PREFIX = "#/components/schemas/"
_TIME_FORMATS: Mapping[type, str] = {
    mi.DateTimeType: "date-time",
    mi.DateType: "date",
    mi.TimeType: "time-local",  # OpenAPI's format registry: a time of day without an offset
}


class BodySchemas(NamedTuple):
    """`of_type`: the schema of each type that was asked for, mostly a reference into `components`."""

    of_type: Mapping[Any, JsonSchema]
    components: Mapping[str, JsonSchema]


def make_schemas(requests: Iterable[Any], answers: Iterable[Any]) -> BodySchemas:
    """`requests` and `answers`: the types of the bodies that the API takes and gives."""
    taken = sorted(set(requests), key=str)
    given = sorted(set(answers) - set(taken), key=str)
    schemas, components = msgspec.json.schema_components([*taken, *given], ref_template=_PREFIX + "{name}")
    of_requests = _reachable(schemas[: len(taken)], components)
    for name, struct in _structs(mi.multi_type_info([*taken, *given])).items():
        if name not in components:
            raise ValueError(f"two types of the API are called {name}")
        _complete(components[name], struct)
        if name not in of_requests:
            components[name]["required"] = _always_written(struct)
    return BodySchemas(
        {type_: _tidy(schema) for type_, schema in zip([*taken, *given], schemas, strict=True)},
        {_clean(name): _tidy(schema) for name, schema in sorted(components.items())},
    )


def _complete(schema: JsonSchema, struct: mi.StructType) -> None:
    docs = find_field_docs(_origin(struct.cls))
    for field in struct.fields:
        part = schema["properties"][field.encode_name]
        _add_time_formats(part, field.type)
        if field.name in docs:
            part["description"] = docs[field.name]
    if struct.tag_field is not None:  # msgspec writes it; no field of the struct can carry its text
        schema["properties"][struct.tag_field].setdefault("description", "Which kind of object this is.")


def _add_time_formats(schema: JsonSchema, of: mi.Type) -> None:
    """msgspec names the format of a time only where the type refuses one without an offset; our decoders do that."""
    if isinstance(of, mi.Metadata):
        _add_time_formats(schema, of.type)
    elif type(of) in _TIME_FORMATS:
        schema.setdefault("format", _TIME_FORMATS[type(of)])
    elif isinstance(of, mi.UnionType):
        for each in of.types:
            if type(each) in _TIME_FORMATS:
                text = next(option for option in schema["anyOf"] if option.get("type") == "string")
                _add_time_formats(text, each)
    elif isinstance(of, mi.CollectionType):
        _add_time_formats(schema.get("items", {}), of.item_type)
    elif isinstance(of, mi.DictType):
        _add_time_formats(schema.get("additionalProperties", {}), of.value_type)
    elif isinstance(of, mi.TupleType):
        for part, item_type in zip(schema["prefixItems"], of.item_types, strict=True):
            _add_time_formats(part, item_type)


def _always_written(struct: mi.StructType) -> list[str]:
    """The fields that an answer always has: all but those that may be unset, also those with a default in the code."""
    if _origin(struct.cls).__struct_config__.omit_defaults:
        return [field.encode_name for field in struct.fields if field.required]
    written = [field.encode_name for field in struct.fields if field.required or not _may_be_unset(field)]
    return written if struct.tag_field is None else [struct.tag_field, *written]


def _may_be_unset(field: mi.Field) -> bool:
    return field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT


def _structs(types: Iterable[mi.Type]) -> dict[str, mi.StructType]:
    """Every struct in the types, however deep, by the name that msgspec gives its component."""
    found: dict[str, mi.StructType] = {}

    def visit(of: object) -> None:
        if isinstance(of, mi.StructType):
            name = _name_of(of.cls)
            if name in found:
                return
            found[name] = of
        if isinstance(of, mi.Type | mi.Field):
            for part in of.__struct_fields__:
                visit(getattr(of, part))
        elif isinstance(of, tuple):
            for each in of:
                visit(each)

    visit(tuple(types))
    return found


def _origin(cls: Any) -> Any:
    return getattr(cls, "__origin__", cls)


def _name_of(cls: Any) -> str:
    name = _origin(cls).__name__
    arguments = ", ".join(each.__name__ for each in getattr(cls, "__args__", ()))
    return re.sub(r"[^A-Za-z0-9_]", "_", f"{name}[{arguments}]" if arguments else name)


def _clean(name: str) -> str:
    """`CampaignPage` for `Page[Campaign]`, which msgspec spells `Page_Campaign_`."""
    generic = re.fullmatch(r"([A-Za-z0-9]+)_([A-Za-z0-9]+)_", name)
    return generic[2] + generic[1] if generic else name


def _reachable(schemas: Iterable[JsonSchema], components: Mapping[str, JsonSchema]) -> set[str]:
    found: set[str] = set()
    waiting = [name for schema in schemas for name in _references(schema)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(components[name]))
    return found


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].removeprefix(_PREFIX)
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _references(each)


def _tidy(node: Any) -> Any:
    if isinstance(node, list):
        return [_tidy(each) for each in node]
    if isinstance(node, str) and node.startswith(_PREFIX):
        return _PREFIX + _clean(node.removeprefix(_PREFIX))
    if not isinstance(node, dict):
        return node
    tidy = {key: value if key in ("default", "examples") else _tidy(value) for key, value in node.items()}
    if isinstance(tidy.get("enum"), list) and all(isinstance(each, str) for each in tidy["enum"]):
        tidy.setdefault("type", "string")
    if isinstance(tidy.get("default"), dict | list | tuple):
        del tidy["default"]  # generators of clients refuse it; the field's description says what it is
    if "anyOf" in tidy:
        tidy["anyOf"] = _merge_choices(tidy["anyOf"])
    if tidy.get("items") is False:
        del tidy["items"]  # nothing stands behind the `prefixItems`; `maxItems` says so too, in words that all read
    if isinstance(tidy.get("description"), str):
        tidy["description"] = cleandoc(tidy["description"])
    if isinstance(tidy.get("title"), str):
        del tidy["title"]  # the name that the component has anyway
    return tidy


def _merge_choices(options: list[JsonSchema]) -> list[JsonSchema]:
    """Several enumerations of words are one: a client has one type for them."""
    choices = [option for option in options if set(option) == {"enum", "type"}]
    if len(choices) < 2:
        return options
    merged = {"enum": [word for option in choices for word in option["enum"]], "type": "string"}
    return [merged, *(option for option in options if option not in choices)]
