"""Objections: whoever was told of something on a contact stops it by the code of that message, without a phone."""

from typing import Annotated

import msgspec
from litestar import Controller, post
from litestar.params import JSONBody

from kit.clock import utc_now
from kit.database import in_transaction
from members.objection_codes import read_objection_code
from server.accounts.decide_transfer import object_by_code
from server.alerts.tell_contacts import Telling
from server.problems import Problem
from server.web.dependencies import ServicesDependency
from server.web.fields import Body


class Objection(Body, frozen=True):
    """It was not this person."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["MFRG-GZDF-MZTW-Q2LK"])]
    """The code of the message that told them."""


class ObjectionController(Controller):
    path = "/v1/objections"
    tags = ("Member",)

    @post(
        operation_id="objectByCode",
        summary="Stop what was done in somebody's name, by the code of a message",
        status_code=204,
    )
    async def object_by_code(self, data: JSONBody[Objection], services: ServicesDependency) -> None:
        """A transfer of the card is ended. A contact that was added goes, and one that was replaced comes back; an
        erasure that waits is withdrawn; the phone that did it is signed out. A code is good for seven days.
        """
        secret = read_objection_code(data.code)
        if secret is None:
            raise Problem("invalid-request", "Let the person type the sixteen characters of the code.")
        telling = Telling.of(services)
        await in_transaction(
            services.pool, lambda conn: object_by_code(conn, telling, services.keeper.current, secret, utc_now())
        )
