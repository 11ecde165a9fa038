"""The results of a campaign as a table, one row an arm."""

from server.experiments.result_bodies import ArmResult, CampaignResults, Change

_COUNTS = (
    "assigned",
    "issued",
    "delivered",
    "displayed",
    "opened",
    "redeemed",
    "measured",
    "visits_mean",
    "sales_mean",
)
_MEASURES = ("visits", "sales")


def tabulate(results: CampaignResults) -> list[list[object]]:
    """The headings, and the arms."""
    bounds = Change.__struct_fields__
    heads = ["arm", "control", "days", "until", *_COUNTS]
    heads += [f"{measure}_{bound}" for measure in _MEASURES for bound in bounds]
    heads += ["sample_ratio_p_value"]
    return [list(heads), *(_row(results, arm) for arm in results.arms)]


def _row(results: CampaignResults, arm: ArmResult) -> list[object]:
    cells: list[object] = [arm.arm, results.control, results.days, results.until.isoformat()]
    cells += [getattr(arm, name) for name in _COUNTS]
    for measure in _MEASURES:
        change: Change | None = getattr(arm, measure)
        cells += [None if change is None else getattr(change, name) for name in Change.__struct_fields__]
    return [*cells, None if results.sample_ratio is None else results.sample_ratio.p_value]
