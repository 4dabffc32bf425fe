"""What every stage script shares: its arguments, the checked parameters, one sentence for a mistake."""

import argparse
import gc
import sys
from collections.abc import Callable

from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load_params

Stage = Callable[..., None]


def run(stage: Stage) -> None:
    """Call `stage(params, *names)` with the names from the command line; a user's mistake ends in a sentence."""
    names = stage.__code__.co_varnames[1 : stage.__code__.co_argcount]
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    for name in names:
        parser.add_argument(name)
    arguments = vars(parser.parse_args())
    gc.freeze()  # what is imported stays: looking through it for garbage would take a fifth of the report's time
    try:
        stage(load_params(), *arguments.values())
    except UserError as error:
        sys.exit(f"\nerror: {error}\n")
    except KeyboardInterrupt:
        sys.exit("\nstopped; the same command continues\n")
    except MemoryError:
        sys.exit(
            "\nerror: this machine's memory is full: lower prepare.image_size in params.yaml, or, where very many "
            "images look alike, duplicates.hash_distance\n"
        )
    except OSError as error:
        sys.exit(f"\nerror: {error.strerror or error}: {error.filename or 'no file named'}\n")
