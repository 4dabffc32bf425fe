"""What a section of the report is asked to report on."""

from dataclasses import dataclass
from types import ModuleType

from medtransfer.settings.params import Params

Store = ModuleType  # medtransfer.store, which knows where every artefact lies


@dataclass(frozen=True)
class ReportSettings:
    """The data set, the headline model, and the active study."""

    dataset: str
    headline: str
    params: Params

    @property
    def models(self) -> list[str]:
        """Every model and ensemble of the study, the headline first."""
        return sorted(self.params.study.compared, key=lambda name: name != self.headline)

    @property
    def trained(self) -> list[str]:
        """The models without the ensembles, which are not trained."""
        return [name for name in self.models if not self.is_ensemble(name)]

    def is_ensemble(self, model: str) -> bool:
        """Whether a model is a soft-voting ensemble of others."""
        return model in self.params.study.ensembles
