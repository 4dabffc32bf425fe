"""The flow of images of a study."""

from medtransfer import store
from medtransfer.report.blocks import Picture
from medtransfer.report.sections.flow import section
from medtransfer.report.settings import ReportSettings


def test_text_beside_the_diagram_has_the_numbers_of_the_study(settings: ReportSettings) -> None:
    (picture,) = section(store, settings).blocks
    assert isinstance(picture, Picture)
    assert "Archive: 13 files, 1 rejected (not an image: 1). Prepared: 12 images" in picture.alternative_text
    assert "Held-out test set: 4 images, 4 pictures, 4 groups (ill 2, well 2)" in picture.alternative_text
    assert "2 folds of 4, 4 images" in picture.alternative_text
