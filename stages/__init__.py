"""One thin script for each stage of dvc.yaml."""

import medtransfer as medtransfer  # before a script's own imports: where a server has loaded them, it runs the stage
