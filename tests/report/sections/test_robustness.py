"""What perturbed images and other seeds do."""

from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import Paragraph, TableBlock
from medtransfer.report.robustness import in_words, seeds_in_words
from medtransfer.report.sections.robustness import section
from medtransfer.report.settings import ReportSettings
from medtransfer.store.robustness_records import Seeds
from tests.report.finished_study import ROBUSTNESS


def test_every_strength_has_a_row_and_the_worst_is_said(settings: ReportSettings) -> None:
    text, _, table, seeds = section(store, settings).blocks
    assert isinstance(text, Paragraph)
    assert isinstance(table, TableBlock)
    assert isinstance(seeds, Paragraph)
    assert len(table.frame) == 15
    assert table.frame["perturbation"].iloc[3] == "Gaussian blur (s.d. 0.75 % of the side)"
    assert "The largest drop is 0.200 (0.050 to 0.500), under Gaussian noise (s.d. 30 grey levels)." in text.text
    assert "in 5 of 15 perturbed versions" in text.text
    assert seeds.text == "Spread over seeds: not measured; it is an ensemble."


def test_a_model_that_nothing_disturbs_is_said_to_be_so() -> None:
    calm = replace(ROBUSTNESS, perturbed=[row for row in ROBUSTNESS.perturbed if row.drop.value == 0])
    assert in_words(calm).endswith("It falls under none of 5 perturbed versions.")


def test_spread_over_seeds_names_the_own_seed_only_of_the_same_kind_of_model() -> None:
    measured = replace(ROBUSTNESS, seeds=Seeds([0.5, 0.75], 0.625, 0.177))
    assert "of 0.500, 0.750: mean 0.625, standard deviation 0.177; with the study's own seed 0.750." in seeds_in_words(
        measured
    )
    assert "own seed" not in seeds_in_words(replace(measured, refit=True))
