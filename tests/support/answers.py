"""What a service answered, where it did not refuse."""

from collections.abc import Sequence
from typing import Any

import msgspec

from server.locations.locate import LocateResult
from server.web.idempotency import Answer


def expect_located(answer: LocateResult | Exception) -> LocateResult:
    assert isinstance(answer, LocateResult), answer
    return answer


def expect_answers(answers: Sequence[Answer | Exception]) -> list[dict[str, Any]]:
    assert all(isinstance(answer, Answer) for answer in answers), answers
    return [msgspec.json.decode(answer.body) for answer in answers if isinstance(answer, Answer)]
