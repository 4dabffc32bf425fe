"""Tables of the held-out tests: a row for each pair, signs of the first model less the second."""

from dataclasses import replace

from medtransfer.comparison.mcnemar import OddsRatio
from medtransfer.report import held_out_tables
from tests.report.comparison_results import pair, results

PAIR = pair("a", "b")
UNSEEN = replace(PAIR.detectable, difference=None)
TURNED = replace(PAIR, a="b", b="a", odds_ratio=OddsRatio(None, 1.5, None), detectable=UNSEEN)


def test_accuracy_is_in_points_and_the_detectable_difference_is_rounded_up() -> None:
    first, second = held_out_tables.accuracy([PAIR, TURNED]).to_numpy().tolist()
    assert first == ["a<small>− b</small>", "+50.0", "+12.5 to +75.0", "0.020", "0.060", "25.1"]
    assert (second[0], second[-1]) == ("b<small>− a</small>", "–")


def test_counts_of_the_first_model_come_first_and_odds_may_have_no_bound() -> None:
    first, second, none = held_out_tables.discordant([PAIR, TURNED, replace(PAIR, odds_ratio=None)]).to_numpy().tolist()
    assert first[1:] == ["6", "1", "0.125", "0.070", "0.210", "6.00", "0.73 to ∞"]
    assert second[-2:] == ["∞", "1.50 to ∞"]
    assert none[-2:] == ["–", "–"]


def test_areas_and_what_delong_leaves_undefined() -> None:
    undefined = replace(PAIR, auc=replace(PAIR.auc, interval=None, p=None), auc_holm_p=None)
    first, second = held_out_tables.areas([PAIR, undefined]).to_numpy().tolist()
    assert first[1:] == ["0.900", "0.700", "+0.200", "+0.004 to +0.396", "0.045", "< 0.001"]
    assert second[1:] == ["0.900", "0.700", "+0.200", "–", "–", "–"]


def test_metrics_are_columns_and_a_star_is_p_by_holm_below_a_twentieth() -> None:
    table = held_out_tables.metrics(results(["a", "b", "c"]).differences)
    assert table.columns.tolist() == ["models", "accuracy", "F1", "AUC"]
    assert table["models"].tolist() == [f"{a}<small>− {b}</small>" for a, b in ("ab", "ac", "bc")]
    assert table["F1"].tolist() == ["+0.062<small>-0.062 to +0.188</small>"] * 3
    assert table["AUC"].tolist() == ["+0.250*<small>+0.125 to +0.375</small>"] * 3
