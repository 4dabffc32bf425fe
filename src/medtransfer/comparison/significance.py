"""When two models are told apart."""

LEVEL = 0.05


def told_apart(low: float, high: float, holm_p: float | None) -> bool:
    """The interval of the difference leaves 0 out, and p by Holm is below 0.05; NaN ends are no interval."""
    return (low > 0 or high < 0) and below_level(holm_p)


def below_level(p: float | None) -> bool:
    """None is an undefined p."""
    return p is not None and p < LEVEL
