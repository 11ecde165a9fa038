from uuid import UUID

from ids import MemberId
from kit.shards import ONE_SHARD, Shards
from server.runtime.spread import by_shard

MEMBERS = [MemberId(UUID(int=n)) for n in range(1, 9)]


def test_on_one_shard_all_may_share() -> None:
    assert {by_shard(ONE_SHARD, lambda member_id: member_id)(each) for each in MEMBERS} == {None}


def test_who_names_no_member_runs_alone() -> None:
    find = by_shard(Shards([-(2**31), 0]), lambda member_id: member_id)
    assert {find(each) for each in MEMBERS} == {0, 1}
    assert find(None) != find(None)
