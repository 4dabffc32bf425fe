"""One thin script for each stage of dvc.yaml."""

from medtransfer.stage_server import delegate

delegate()
