"""The word for where a statement runs, and what the engine that spreads a database will not do with it."""

from devtools.shards.sources import Cell
from devtools.shards.statements import Statement
from migrations.schema.places import BY_MEMBER, LOCAL

# How often a fan-out is asked for, and why it asks all shards: the word behind `fan-out`.
RATES = {
    "request": "with requests of apps and tills: mostly who became the member, an index of all members (`merged_into`)",
    "sync": "as a till fetches what is new, every few minutes: what happened to anybody since then",
    "round": "by each worker, every few seconds: what is due, whoever's it is",
    "run": "as a campaign goes to its members, once a run: it goes to all of them",
    "page": "as the staff open a page or a list: it is about many members",
    "import": "for each piece of a file that is brought in: whose contacts these are",
    "hourly": "by one worker an hour: what is old goes, whoever's it is",
    "rarely": "as members merge, ask for their data or leave, as something is taken back, or by an admin verb",
    "bench": "by benchmarks, the demo and what fills a database for them",
}


def tell_reach(statement: Statement) -> str:
    """`one`: the shard of one member. `batch`: those of some members. `reference`: any node. `local`: the coordinator.
    `fan-out`: all shards.
    """
    tables = {source.table for source in statement.sources}
    if not tables & BY_MEMBER:
        return "local" if tables & LOCAL or not tables else "reference"
    spread = [source.cell("member_id") for source in statement.sources if source.table in BY_MEMBER]
    given = [statement.ties.given(cell) for cell in spread]
    if not all(given):
        return "fan-out"
    parameters: frozenset[Cell] = frozenset().union(*given)
    return "one" if len(parameters) == 1 and {kind for kind, _ in parameters} == {"one"} else "batch"
