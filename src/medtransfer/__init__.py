"""Does transfer learning help on this medical image set, with which architecture, and is the model looking at
the lesion?
"""

import os

from medtransfer.process import delegation, keras_import

delegation.delegate()  # where the stage server runs this process's module, the process ends here, as that does
# TensorFlow's information on starting up, such as which instructions it uses, is not printed; warnings and errors are.
# It reads this when it is first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
keras_import.install()
