"""The history of what was kept."""

from medtransfer import store
from medtransfer.report.history import kept_epochs
from medtransfer.report.settings import ReportSettings


def test_one_epoch_of_each_fold_is_kept(settings: ReportSettings) -> None:
    kept = kept_epochs(store.trained(settings.dataset, "cnn"))
    assert kept[["fold", "epoch"]].to_numpy().tolist() == [[0, 2], [1, 3]]
