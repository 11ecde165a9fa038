"""The audit sees a lost post, one too many, and the right number at the wrong time."""

from uuid import UUID

import numpy as np
import pytest

from bench.client import Run
from bench.ledger import Ledger
from bench.posts import Posts
from ids import DeviceId

DEVICES = [DeviceId(UUID(int=1)), DeviceId(UUID(int=2))]
POSTS = Posts([b"", b"", b""], np.array([0, 1, 0]), np.zeros((3, 1)), np.zeros((3, 1)), np.array([100, 100, 200]))


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(DEVICES)
    ledger.note(POSTS, Run(1.0, accepted=[2, 0]))
    return ledger


def test_what_is_held_as_acknowledged_is_clean(ledger: Ledger) -> None:
    audit = ledger.audit([(DEVICES[0], 2, 200), (DEVICES[1], 0, None)])
    assert audit.is_clean
    assert audit.acknowledged_posts == audit.held_posts == 2


@pytest.mark.parametrize(
    "presences",
    [
        [(DEVICES[0], 1, 200), (DEVICES[1], 0, None)],
        [(DEVICES[0], 2, 100), (DEVICES[1], 0, None)],
        [(DEVICES[0], 2, 200), (DEVICES[1], 1, 100)],
        [(DEVICES[0], 1, 200), (DEVICES[1], 1, 100)],
    ],
)
def test_anything_else_is_not(ledger: Ledger, presences: list[tuple[DeviceId, int, int | None]]) -> None:
    assert not ledger.audit(presences).is_clean
