"""Does transfer learning help on this medical image set, with which architecture, and is the model looking at
the lesion?
"""

import os

# TensorFlow's notes on starting up (which instructions, which missing drivers) hide what a stage says; its
# errors still show. It reads this when it is first imported, so it is set before anything of ours is.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
