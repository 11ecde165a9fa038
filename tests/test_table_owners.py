"""A package's SQL reads and writes its own tables (`migrations.schema.OWNERS`). Whatever else it touches stands here.

`server/` composes the packages: it may read every table, in a query that a single package could not write, and writes
through their repositories. `bench/` and `devtools/` look at the results of a run.
"""

import re
from collections import defaultdict

from devtools.bootstrap import ROOT
from devtools.own_files import find_files
from kit.sql import Queries
from migrations.schema import OWNERS

READERS_OF_ALL = {"server", "bench", "devtools"}

# (the folder of the SQL, the owner) -> the foreign tables that its queries read, and why.
READS = {
    ("audiences", "coupons"): (
        {"campaigns", "coupons", "redemptions"},
        "facts are counted from the books; who uses an audience",
    ),
    ("audiences", "members"): (
        {"attributes", "devices", "member_tags", "members", "profiles"},
        "facts follow the member; what audiences ask for is read in one go",
    ),
    ("audiences", "points"): (
        {"member_ranks", "point_accounts", "stamp_cards", "stamp_completions", "stamps"},
        "facts are counted from the books",
    ),
    ("audiences", "purchases"): ({"purchases"}, "as of the coupons"),
    ("audiences", "visits"): ({"visits"}, "as of the coupons"),
    ("cards", "members"): ({"members"}, "a card is good only while its member is active: one look-up a scan"),
    ("channels/phone", "programs"): (
        {"programs"},
        "by whose clock its calls and spending go: looked up with its account",
    ),
    ("coupons", "members"): ({"members"}, "the second step of an erasure, of erased members only"),
    ("coupons/redemptions", "members"): ({"members"}, "who may redeem"),
    ("coupons/redemptions", "points"): (
        {"member_ranks"},
        "a coupon may be for members of some ranks: looked up as it is used",
    ),
    ("coupons", "programs"): ({"stores"}, "a coupon is listed with its store's name"),
    ("coupons/redemptions", "programs"): ({"stores"}, "a coupon is used by its till's clock"),
    ("coupons/campaigns", "programs"): ({"stores"}, "a group is of stores of its program"),
    ("audiences", "imports"): ({"imported_members"}, "visits before are facts too"),
    ("experiments", "coupons"): ({"campaigns"}, "an analysis closes with its campaign"),
    ("imports", "members"): ({"members"}, "who waits is claimed only while they are active"),
    ("members", "cards"): ({"cards"}, "the staff's list of members shows the numbers of their cards"),
    ("points", "members"): ({"members"}, "the second step of an erasure, of erased members only"),
    ("programs", "members"): ({"members"}, "an entry of the trail is about a member of the program"),
    ("programs", "points"): ({"point_postings"}, "an entry of the trail may be about a posting of a member"),
    ("push", "coupons"): (
        {"campaigns", "campaign_versions", "coupons", "redemptions"},
        "whether the coupon was withdrawn or used: looked up as its push is sent; the step whose message it is",
    ),
    ("outbox", "coupons"): ({"coupons"}, "of which campaign the coupon is that a message tells of"),
    ("push", "outbox"): ({"outbox"}, "what is leased, and what the governor holds back"),
    ("push", "members"): (
        {"devices", "members"},
        "where a push goes, and whether it still may: looked up as it is sent",
    ),
    ("push", "programs"): ({"programs"}, "how many messages a program sends a day: looked up as they are sent"),
    ("visits", "members"): ({"members"}, "what refers to a scan is refused where its member is not active"),
    ("visits", "programs"): ({"stores"}, "impossible travel is judged by the places of two stores"),
}
# The same for what they write.
WRITES = {
    ("bench", "cards"): ({"card_keys"}, "a population in bulk"),
    ("bench", "geo"): ({"geofences"}, "a population in bulk"),
    ("bench", "programs"): ({"stores"}, "a population in bulk"),
    ("bench/chaos_push", "coupons"): ({"coupons"}, "a full outbox in bulk"),
    ("bench/chaos_push", "members"): ({"devices", "members"}, "a full outbox in bulk"),
    ("bench/chaos_push", "outbox"): ({"outbox"}, "a full outbox in bulk, and the leases of workers that were killed"),
    ("bench/chaos", "members"): ({"erasures"}, "the second erasures are brought forward, to be judged"),
    ("bench/faces", "geo"): ({"geofences"}, "a population in bulk"),
    ("outbox", "push"): ({"message_receipts"}, "what was told of a message leaves with it"),
    ("push", "outbox"): ({"outbox"}, "pushes are leased, judged and recorded with what only they have"),
    ("coupons/campaigns", "outbox"): (
        {"outbox"},
        "the messages of follow-ups (docs/decisions/0052), and an undone coupon's that waits",
    ),
    ("push", "members"): ({"devices"}, "a token that the provider has given up is retired with the push's outcome"),
    ("server/seeding", "coupons"): ({"coupons", "redemptions"}, "a history in bulk"),
    ("server/seeding", "members"): ({"handles", "members"}, "members in bulk"),
    ("server/seeding", "points"): ({"point_accounts", "point_lots", "point_postings", "point_rules"}, "in bulk"),
    ("server/seeding", "programs"): ({"stores", "tills"}, "a chain in bulk"),
    ("server/seeding", "visits"): ({"visit_evidence", "visits"}, "a history in bulk"),
}

_LITERALS = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_WRITTEN = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)", re.IGNORECASE)
_READ = re.compile(r"(?<!DELETE\s)\b(?:FROM|JOIN|USING)\s+(\w+)", re.IGNORECASE)

Found = dict[tuple[str, str], set[str]]


def test_no_query_reads_a_foreign_table_without_a_reason() -> None:
    found = {key: tables for key, tables in _find(_READ).items() if key[0].split("/")[0] not in READERS_OF_ALL}
    assert found == {key: tables for key, (tables, _) in READS.items()}


def test_no_query_writes_a_foreign_table_without_a_reason() -> None:
    assert _find(_WRITTEN) == {key: tables for key, (tables, _) in WRITES.items()}


def _find(pattern: re.Pattern[str]) -> Found:
    """(folder, owner) -> the owner's tables that stand in the folder's queries, where the two are not the same."""
    found: Found = defaultdict(set)
    for path in find_files(".sql"):
        folder = path.relative_to(ROOT).parent
        for query in Queries(path).values():
            for table in set(pattern.findall(_LITERALS.sub("''", query))) & set(OWNERS):
                if OWNERS[table] != folder.parts[0]:
                    found[folder.as_posix(), OWNERS[table]].add(table)
    return dict(found)


def test_a_foreign_table_is_found() -> None:
    query = _LITERALS.sub(
        "''", "WITH x AS (DELETE FROM stores) SELECT 'FROM cards' FROM members JOIN visits -- FROM tills"
    )
    assert (_WRITTEN.findall(query), _READ.findall(query)) == (["stores"], ["members", "visits"])
