"""Whether the stores, campaigns, ranks and stamp cards that a tree names are the program's: one that is not would be
nobody's for ever, and nobody would be told.
"""

from collections.abc import Collection

from audiences import tree as t
from audiences.faults import AudienceFault
from audiences.walk import walk
from coupons.campaigns.campaigns_repository import find_own_campaigns
from ids import ProgramId, StoreId
from kit.database import Connection
from points.ranks_repository import read_rank_rules
from points.stamps_repository import read_stamp_cards
from programs.stores_repository import find_programs_of_stores


async def require_known_names(conn: Connection, program_id: ProgramId, tree: t.Tree) -> None:
    """Raises AudienceFault."""
    nodes = [(path, node) for path, _, node in walk(tree)]
    stores = [(path, each) for at, node in nodes for path, each in _stores_of(at, node)]
    campaigns = [
        (f"{at}.campaign_id", node.campaign_id)
        for at, node in nodes
        if isinstance(node, t.CouponHeld) and node.campaign_id is not None
    ]
    ranks = [
        (f"{at}.is_one_of[{place}]", code)
        for at, node in nodes
        if isinstance(node, t.RankIs)
        for place, code in enumerate(node.is_one_of)
    ]
    cards = [
        (f"{at}.card", node.card) for at, node in nodes if isinstance(node, t.StampsHeld) and node.card is not None
    ]
    if stores:
        programs = await find_programs_of_stores(conn, [each for _, each in stores])
        own = {store_id for store_id, owner in programs.items() if owner == program_id}
        _require(stores, own, "Name a store of the program.")
    if campaigns:
        known = await find_own_campaigns(conn, program_id, [each for _, each in campaigns])
        _require(campaigns, known, "Name a campaign of the program.")
    if ranks:
        rules = (await read_rank_rules(conn, [program_id])).get(program_id)
        codes = {rank.code for rank in rules.ranks} if rules else set()
        _require(ranks, codes, "Name the code of one of the program's ranks.")
    if cards:
        stamped = (await read_stamp_cards(conn, [program_id])).get(program_id, ())
        _require(cards, {card.code for card in stamped}, "Name the code of one of the program's stamp cards.")


def _stores_of(at: str, node: t.Tree) -> list[tuple[str, StoreId]]:
    if isinstance(node, t.VisitCount | t.PurchaseTotal):
        return [(f"{at}.store_ids[{place}]", each) for place, each in enumerate(node.store_ids or ())]
    if isinstance(node, t.HomeStoreIs):
        return [(f"{at}.is_one_of[{place}]", each) for place, each in enumerate(node.is_one_of)]
    if isinstance(node, t.InArea) and node.store_id is not None:
        return [(f"{at}.store_id", node.store_id)]
    return []


def _require(named: Collection[tuple[str, object]], known: Collection[object], detail: str) -> None:
    for path, each in named:
        if each not in known:
            raise AudienceFault(path, detail)
