"""What is fitted on development data is saved with a model, and does the same when it is read again."""

from pathlib import Path

import numpy as np
import pytest

from medtransfer.evaluation.calibration import fit_temperature, scaled
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.conformal import fit_conformal
from medtransfer.evaluation.development import Development, OutOfFold, Wanted, fit_development
from medtransfer.evaluation.thresholds import ARGMAX, choose
from medtransfer.settings.errors import UserError
from medtransfer.store.formats import record
from tests.evaluation.simulated import calibrated

POSITIVE = Condition(1, healthy=False)


def test_rule_and_sets_read_probabilities_at_the_temperature(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 200)
    logits *= 3
    groups = np.arange(200) // 2
    fitted = fit_development(OutOfFold(actual, logits, groups, ("a", "b")), Wanted(0.9, POSITIVE))
    assert fitted.temperature.value > 2
    probabilities = scaled(logits, fit_temperature(actual, logits).value)
    assert fitted.rule == choose(actual, probabilities, groups, POSITIVE, 0.9)
    assert fitted.conformal == fit_conformal(actual, probabilities, groups, "ab", 0.9)


def test_what_is_read_again_decides_alike(tmp_path: Path, rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 200)
    fitted = fit_development(OutOfFold(actual, logits, np.arange(200), ("a", "b")), Wanted(0.9, POSITIVE))
    file = record(Development, exact=True)
    file.write(tmp_path / "fitted.json", fitted)
    again = file.read(tmp_path / "fitted.json")
    assert again == fitted
    # The images that the threshold and the quantiles are taken from lie exactly on them.
    probabilities = scaled(logits, again.temperature.value)
    np.testing.assert_array_equal(again.rule.predict(probabilities), fitted.rule.predict(probabilities))
    assert again.conformal is not None
    assert fitted.conformal is not None
    np.testing.assert_array_equal(again.conformal.sets(probabilities), fitted.conformal.sets(probabilities))


def test_too_few_images_leave_the_sets_out_and_say_why(rng: np.random.Generator) -> None:
    logits = rng.normal(size=(12, 2))
    fitted = fit_development(OutOfFold(np.repeat([0, 1], 6), logits, np.arange(12), ("a", "b")), Wanted())
    assert fitted.conformal is None
    assert "a has 6, b has 6" in fitted.without_conformal
    assert fitted.rule == ARGMAX


def test_sensitivity_of_no_condition_is_refused(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 40)
    with pytest.raises(UserError, match="a positive or a healthy class"):
        fit_development(OutOfFold(actual, logits, np.arange(40), ("a", "b")), Wanted(sensitivity=0.9))
