"""The model of a phone's tray and of what waits for it."""

import pytest

from devtools.fcm_phones import MAX_COLLAPSE_KEYS, MAX_WAITING, Phone
from devtools.fcm_rules import Android, Apns, Message


def android(number: int, *, key: str = "", tag: str = "") -> Message:
    return Message(data={"n": str(number)}, android=Android(collapse_key=key, notification={"tag": tag} if tag else {}))


def ios(number: int, collapse_id: str = "") -> Message:
    return Message(data={"n": str(number)}, apns=Apns(headers={"apns-collapse-id": collapse_id} if collapse_id else {}))


def shown(phone: Phone) -> list[str]:
    return [message.data["n"] for message in phone.shown.values()]


@pytest.mark.parametrize(
    ("messages", "left"),
    [
        ([android(n, tag="same") for n in range(3)], ["2"]),
        ([android(n, tag=f"tag-{n}") for n in range(3)], ["0", "1", "2"]),
        ([android(n, key="same") for n in range(3)], ["0", "1", "2"]),
        ([ios(n, "same") for n in range(3)], ["2"]),
        ([ios(n) for n in range(3)], ["0", "1", "2"]),
    ],
    ids=["one tag", "tags", "a key is no tag", "one identifier", "no identifier"],
)
def test_what_the_tray_shows(messages: list[Message], left: list[str]) -> None:
    phone = Phone("ios" if messages[0].apns else "android")
    for message in messages:
        phone.receive(message)
    assert (shown(phone), phone.alerts) == (left, 3)


@pytest.mark.parametrize(
    ("messages", "left"),
    [
        ([android(n, key=f"key-{n}") for n in range(6)], ["2", "3", "4", "5"]),
        ([android(n, key="same") for n in range(6)], ["5"]),
        ([android(n) for n in range(MAX_WAITING)], [str(n) for n in range(MAX_WAITING)]),
        ([android(n) for n in range(MAX_WAITING + 1)], [str(MAX_WAITING)]),
        ([android(0, key="key"), *(android(n) for n in range(1, MAX_WAITING + 2))], ["0", str(MAX_WAITING + 1)]),
        ([ios(n, f"id-{n}") for n in range(3)], ["2"]),
    ],
    ids=["keys", "one key", "no key", "too many", "too many beside a key", "iOS"],
)
def test_what_waits_for_a_phone_that_is_away(messages: list[Message], left: list[str]) -> None:
    phone = Phone("ios" if messages[0].apns else "android")
    phone.is_online = False
    for message in messages:
        phone.receive(message)
    assert phone.shown == {}
    phone.go_online()
    assert shown(phone) == left
    assert MAX_COLLAPSE_KEYS == 4
