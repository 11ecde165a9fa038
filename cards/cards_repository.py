"""Cards: the credential that a member shows."""

from collections.abc import Sequence

from cards.card import Card, ShownCard
from ids import MemberId
from kit.copying import copy_rows
from kit.database import Connection
from kit.ids import new_id
from kit.sql import load_queries

QUERIES = load_queries(__file__, "cards.sql")


async def create_cards(conn: Connection, cards: Sequence[Card]) -> None:
    await conn.execute(
        *QUERIES.insert_cards(
            member_id=[card.member_id for card in cards],
            id=[new_id() for _ in cards],
            program_id=[card.program_id for card in cards],
            number=[card.number for card in cards],
            issued_at=[card.issued_at for card in cards],
        )
    )


async def add_cards(conn: Connection, cards: Sequence[Card]) -> None:
    """The same by COPY, of members who are new: for many at once."""
    rows = [(card.member_id, new_id(), card.program_id, card.number, "active", card.issued_at) for card in cards]
    await copy_rows(conn, "cards", ("member_id", "id", "program_id", "number", "state", "issued_at"), rows)


async def find_card(conn: Connection, member_id: MemberId) -> Card | None:
    row = await conn.fetchrow(QUERIES.find_card, member_id)
    return Card(**row) if row else None


async def find_cards(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, Card]:
    """The active cards of active members, by member."""
    return {row["member_id"]: Card(**row) for row in await conn.fetch(QUERIES.find_cards, member_ids)}


async def find_cards_of_held(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, ShownCard]:
    """The active cards of members who are held and active: of them nothing is asked again."""
    return {row["member_id"]: ShownCard(**row) for row in await conn.fetch(QUERIES.find_cards_of_held, member_ids)}


async def revoke_card(conn: Connection, member_id: MemberId) -> None:
    """For good, with its number. Revoke its codes first (server.credentials.revoke_codes)."""
    await conn.execute(QUERIES.revoke_card, member_id)
