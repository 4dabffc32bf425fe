"""Numbers of tests as the report's tables write them."""

UNDEFINED = "–"  # a value that the numbers do not give
SMALLEST = 0.001


def p_value(p: float | None) -> str:
    """Three digits, or that it is smaller."""
    if p is None:
        return UNDEFINED
    return f"< {SMALLEST:g}" if p < SMALLEST else f"{p:.3f}"


def points(share: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return UNDEFINED if share is None else signed(100 * share, 1)


def signed(value: float, digits: int = 3) -> str:
    """A difference with its sign; what rounds to 0 has none."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text


def or_dash(value: float | None, form: str) -> str:
    """A number in a format, or a dash."""
    return UNDEFINED if value is None else format(value, form)


def counted(number: int, noun: str) -> str:
    """`1 pair`, `6 pairs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
