"""What every entry of the configuration shares."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Refuses keys it does not know; immutable once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
