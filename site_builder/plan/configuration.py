"""What ``site.yaml`` and the register say, once :mod:`site_builder.plan.register` has read them."""

from collections.abc import Mapping
from dataclasses import dataclass

from site_builder.model import Run, Site


@dataclass(frozen=True)
class Configuration:
    """The site, and the runs of the register by id in its order."""

    site: Site
    runs: Mapping[str, Run]
