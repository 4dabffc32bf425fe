"""What is reported on: the headline first, ensembles apart from what is trained."""

from medtransfer.report.settings import ReportSettings


def test_headline_is_first_and_ensembles_are_not_trained(settings: ReportSettings) -> None:
    assert settings.models == ["both", "cnn", "unet"]
    assert settings.trained == ["cnn", "unet"]
    assert ReportSettings("d", "unet", settings.params).models == ["unet", "cnn", "both"]
