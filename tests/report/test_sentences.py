"""What is the same of all models is said once."""

from medtransfer.report.sentences import one_or_each


def test_one_sentence_for_all_or_one_for_each() -> None:
    assert one_or_each({"a": "too few", "b": "too few."}, 2) == ["a: Too few.", "b: Too few."]
    assert one_or_each({"a": "too few", "b": "too few"}, 2) == ["Too few."]
    assert one_or_each({"a": "too few"}, 2) == ["a: Too few."]
    assert one_or_each({}, 2) == []
