"""A number, its interval, and a dash for what there is not."""

import math

from medtransfer.report.estimates import cell, ends, in_words, interval_cell
from medtransfer.store.interval import Interval


def test_interval_is_below_its_number() -> None:
    assert cell(0.85449, (0.7704, 0.926)) == "0.854<small>0.77 to 0.93</small>"
    assert interval_cell(Interval(1, 0.25, 1)) == "1.000<small>0.25 to 1.00</small>"
    assert in_words(Interval(1, 0.25, 1)) == "1.000 (95 % interval 0.25 to 1.00)"
    assert ends(-0.5, 0.5, "–") == "-0.50–0.50"


def test_what_is_not_there_is_a_dash() -> None:
    assert cell(0.5, None) == "0.500<small>–</small>"
    assert cell(None, None) == interval_cell(None) == interval_cell(Interval(*[math.nan] * 3)) == "–<small>–</small>"
