"""What msgspec finds, said in plain words: no type of Python's, no regular expression."""

import json
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest

from kit.decode_faults import explain, explain_fault


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Circle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="circle", tag_field="kind"):
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]


class Line(msgspec.Struct, frozen=True, tag="line", tag_field="kind"):
    length_m: int


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=5)] = "a"
    amount: Annotated[int, msgspec.Meta(ge=1)] | None = None
    paid: bool = False
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    day: date | None = None
    id: UUID | None = None
    size: Size = Size.SMALL
    unit: Literal["kg", "g"] = "g"
    code: Annotated[str, msgspec.Meta(pattern="^[a-z]+$", description="small letters", examples=["abc"])] = "a"
    pair: tuple[int, int] = (0, 0)
    items: Annotated[list["Order"], msgspec.Meta(max_length=1)] = []
    names: dict[Literal["ja", "en"], Annotated[str, msgspec.Meta(min_length=1)]] = {}
    shape: Circle | Line | None = None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "The body must be an object, not a list"),
        ({"name": ""}, "name must have at least 1 character"),
        ({"name": "abcdef"}, "name must have at most 5 characters"),
        ({"name": None}, "name must be a string, not null"),
        ({"amount": "300"}, "amount must be an integer or null, not a string"),
        ({"amount": 1.5}, "amount must be an integer or null, not a decimal number"),
        ({"amount": 0}, "amount must be at least 1"),
        ({"paid": 1}, "paid must be true or false, not an integer"),
        ({"at": 1767225600}, "at must be a time such as 2026-11-21T09:00:00Z or null, not an integer"),
        ({"at": "soon"}, "at must be a time such as 2026-11-21T09:00:00Z"),
        ({"at": "2026-11-21T09:00:00"}, "at needs a UTC offset, as in 2026-11-21T09:00:00Z"),
        ({"day": "21.11.2026"}, "day must be a date such as 2026-11-21"),
        ({"id": "x"}, "id must be a UUID"),
        ({"size": "huge"}, "size must be one of small, large, not 'huge'"),
        ({"unit": "lb"}, "unit must be one of g, kg, not 'lb'"),
        ({"code": "1"}, "code does not have the form that it needs: small letters, such as abc"),
        ({"pair": [1]}, "pair must have 2 items"),
        ({"items": [{}, {}]}, "items must have at most 1 item"),
        ({"items": [{"amount": "x"}]}, "items[0].amount must be an integer or null, not a string"),
        ({"items": [{"more": "x"}]}, "items[0].more is not known here"),
        ({"names": {"fr": "x"}}, "a key of names must be one of en, ja, not 'fr'"),
        ({"names": {"ja": ""}}, "names[…] must have at least 1 character"),
        ({"shape": {"kind": "circle"}}, "shape.lat is missing"),
        ({"shape": {"kind": "star"}}, "shape.kind must be one of circle, line, not 'star'"),
        ({"shape": {"kind": "circle", "lat": 90.5}}, "shape.lat must be at most 90.0"),
    ],
)
def test_a_fault_in_words(body: Any, words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(json.dumps(body), type=Order)
    assert explain(raised.value, Order) == words


def test_what_is_no_json() -> None:
    for body in (b"{", b"", b'{"name": NaN}'):
        with pytest.raises(msgspec.DecodeError) as raised:
            msgspec.json.decode(body, type=Order)
        assert explain(raised.value, Order) == "The body is not JSON, or not all of it"


def test_what_nobody_has_put_into_words_is_told_as_it_is() -> None:
    assert explain_fault("too long", "name") == "name: too long"
    assert len(explain_fault("x" * 5000, "name")) < 300
