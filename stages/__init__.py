"""One thin script for each stage of dvc.yaml."""

# Before the script's own imports, which are slow: this hands the stage to the stage server, where there is one.
import medtransfer as medtransfer
