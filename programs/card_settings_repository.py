"""How programs' cards show themselves. It stands in the programs' own table."""

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries
from programs.card_settings import CardSettings, CardTerms

QUERIES = load_queries(__file__, "card_settings.sql")


async def find_card_settings(conn: Connection, program_id: ProgramId) -> CardSettings:
    row = await conn.fetchrow(QUERIES.find_card_settings, program_id)
    if row is None:
        raise LookupError(program_id)
    terms = CardTerms(row["card_terms_ja"], row["card_terms_en"])
    return CardSettings(row["card_colour"], terms, row["privacy_url"])


async def update_card_settings(conn: Connection, program_id: ProgramId, settings: CardSettings) -> None:
    await conn.execute(
        *QUERIES.update_card_settings(
            id=program_id,
            colour=settings.colour,
            terms_ja=settings.terms.ja,
            terms_en=settings.terms.en,
            privacy_url=settings.privacy_url,
        )
    )
