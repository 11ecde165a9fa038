"""What `./run bench scale-out` can do without a cluster: say what it needs, and judge what it was answered."""

import pytest

from bench.ledger import Audit
from bench.scale_out.command import Outcome, main
from bench.scale_out.nodes import find_nodes
from bench.scale_out.tasks import count_tasks
from devtools.apt import SetupError
from kit.database import Pool


def test_without_a_cluster_it_says_in_one_sentence_what_it_needs() -> None:
    with pytest.raises(SetupError, match="needs --database URL, a cluster") as refused:
        main(["--json"])
    assert "\n" not in str(refused.value)


async def test_plain_postgresql_is_no_cluster(database: str) -> None:
    with pytest.raises(SetupError, match="no cluster"):
        await find_nodes(database)


async def test_a_plan_without_the_engine_asks_one_machine(pool: Pool) -> None:
    async with pool.acquire() as connection:
        tasks = await count_tasks(connection)  # type: ignore[arg-type]
    assert tasks.planned > 900
    assert (tasks.fan_outs, tasks.wrong, tasks.refused) == ([], [], {})


def test_only_a_503_is_what_a_node_that_is_away_may_be_answered_with() -> None:
    outcome = Outcome()
    outcome.drill.refused += [b"HTTP/1.1 503 Service Unavailable", b"HTTP/1.1 500 Internal Server Error"]
    assert outcome.unlike_503 == [b"HTTP/1.1 500 Internal Server Error"]


def test_a_ratio_is_of_each_round_by_itself_and_none_where_nothing_was_taken() -> None:
    outcome = Outcome()
    for cluster, plain in ((10.0, 40.0), (30.0, 60.0)):
        outcome.rates.add("cluster locate", cluster)
        outcome.rates.add("plain locate", plain)
    ratio = outcome.ratio("locate")
    assert ratio is not None
    assert (ratio.least, ratio.most) == (0.25, 0.5)
    outcome.rates.add("cluster locate", 0.0)
    outcome.rates.add("plain locate", 60.0)
    assert outcome.ratio("locate") is None


def test_what_was_refused_and_is_held_all_the_same_is_not_lost() -> None:
    audit = Audit(acknowledged_posts=5, held_posts=6, wrong_devices=1, lost_posts=0)
    assert not audit.is_clean
    assert audit.lost_posts == 0
