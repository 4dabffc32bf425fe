"""The command line of a measurement: nothing, or `trial`."""

import sys
from collections.abc import Callable


def run(main: Callable[[bool], None], usage: str | None) -> None:
    """Run it, and tell it whether this is a trial; other arguments end with its usage."""
    if sys.argv[1:] not in ([], ["trial"]):
        sys.exit(usage)
    main("trial" in sys.argv)
