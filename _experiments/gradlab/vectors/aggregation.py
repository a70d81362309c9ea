"""Sums of many small and few large random gradients: the H/L demonstration in two dimensions.

A group is ``count`` independent vectors whose two entries are centred normal with standard deviations
``scale``. The sum of a group is then normal with standard deviations ``sqrt(count) * scale``, from
which every quantity here follows in closed form; the Monte-Carlo draws are there to check the algebra
and to show what one draw looks like.
"""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from scipy.special import ellipe
from torch import Tensor


@dataclass(frozen=True)
class Group:
    """``count`` vectors with entry-wise standard deviations ``scale`` = (Dim 1, Dim 2)."""

    count: int
    scale: tuple[float, float]

    @property
    def sum_scale(self) -> tuple[float, float]:
        """Standard deviations of the two entries of the group's sum."""
        root = math.sqrt(self.count)
        return root * self.scale[0], root * self.scale[1]

    @property
    def vector_rms(self) -> float:
        """Root mean square length of one vector."""
        return math.hypot(*self.scale)


@dataclass(frozen=True)
class Reading:
    """One way to read the demonstration: the large group ``high`` and the small group ``low``."""

    name: str
    title: str
    high: Group
    low: Group

    @property
    def total_scale(self) -> tuple[float, float]:
        """Standard deviations of the entries of the sum of all vectors."""
        (h1, h2), (l1, l2) = self.high.sum_scale, self.low.sum_scale
        return math.hypot(h1, l1), math.hypot(h2, l2)

    @property
    def length_ratio(self) -> float:
        """Root mean square length of a large vector over that of a small one."""
        return self.high.vector_rms / self.low.vector_rms

    @property
    def low_share(self) -> float:
        """N / (M + N): what the sum of L has of the variances of both sums, added over the two entries."""
        m, n = (sum(scale**2 for scale in group.sum_scale) for group in (self.high, self.low))
        return n / (m + n)

    def with_low_count(self, count: int) -> "Reading":
        """The same reading with another number of small vectors."""
        return replace(self, low=replace(self.low, count=count))


def reading(second_argument: str) -> Reading:
    """The demonstration with the second argument of N(0, 0.1) taken as "deviation" or "variance"."""
    if second_argument == "deviation":
        title, small = "0.1 is a standard deviation", 0.1
    elif second_argument == "variance":
        title, small = "0.1 is a variance", math.sqrt(0.1)
    else:
        raise ValueError(f"the second argument is a 'deviation' or a 'variance', not {second_argument!r}")
    return Reading(second_argument, title, Group(10, (small, 1.0)), Group(100, (small, small)))


@dataclass(frozen=True)
class Draws:
    """Group sums of many independent repetitions of ``reading``, and the vectors of the first one."""

    reading: Reading
    high: Float[Tensor, "draws 2"]
    low: Float[Tensor, "draws 2"]
    first_high: Float[Tensor, "nh 2"]
    first_low: Float[Tensor, "nl 2"]

    @property
    def total(self) -> Float[Tensor, "draws 2"]:
        """The sum of all vectors."""
        return self.high + self.low


def sample(chosen: Reading, draws: int, seed: int, chunk: int = 20_000) -> Draws:
    """Draw every vector of every repetition (not only the sums), in chunks to bound memory."""
    generator = torch.Generator().manual_seed(seed)
    sums: dict[str, list[Tensor]] = {"high": [], "low": []}
    first: dict[str, Tensor] = {}
    for start in range(0, draws, chunk):
        size = min(chunk, draws - start)
        for name, group in (("high", chosen.high), ("low", chosen.low)):
            scale = torch.tensor(group.scale, dtype=torch.float64)
            shape = (size, group.count, 2)
            vectors = torch.randn(shape, generator=generator, dtype=torch.float64) * scale
            sums[name].append(vectors.sum(1))
            first.setdefault(name, vectors[0])
    return Draws(chosen, torch.cat(sums["high"]), torch.cat(sums["low"]), first["high"], first["low"])


def angle_from_dim2(vectors: Float[Tensor, "n 2"]) -> Float[Tensor, "n"]:
    """Angle in degrees between each vector and the Dim 2 axis, in [0, 90] (the axis has no sign)."""
    return torch.rad2deg(torch.atan2(vectors[:, 0].abs(), vectors[:, 1].abs()))


def angle_between(a: Float[Tensor, "n 2"], b: Float[Tensor, "n 2"]) -> Float[Tensor, "n"]:
    """Angle in degrees between paired vectors, in [0, 180]."""
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return torch.rad2deg(torch.atan2(cross.abs(), (a * b).sum(1)))


def angle_from_ray(vectors: Float[Tensor, "n 2"]) -> Float[Tensor, "n"]:
    """Angle in degrees between each vector and the ray (1, 1), in [0, 180]."""
    return angle_between(vectors, torch.ones_like(vectors))


def median_angle(scale: tuple[float, float]) -> float:
    """Median of :func:`angle_from_dim2` for a normal vector: arctan(s1 / s2).

    The ratio of two independent centred normals is Cauchy with scale s1 / s2, whose absolute value
    has that scale as its median.
    """
    return math.degrees(math.atan2(scale[0], scale[1]))


def dominance(a: float, b: float) -> float:
    """P(|X| > |Y|) for independent centred normals with standard deviations a and b."""
    return 2 / math.pi * math.atan2(a, b)


def near_diagonal(scale: tuple[float, float], degrees: float) -> float:
    """P(a normal vector lies within ``degrees`` of one of the four diagonal rays).

    By symmetry each of the four rays has a quarter of it.
    """
    ratio = scale[0] / scale[1]

    def below(angle: float) -> float:
        return math.atan(math.tan(math.radians(angle)) * ratio)

    return 2 / math.pi * (below(45 + degrees) - below(45 - degrees))


def longer(high: tuple[float, float], low: tuple[float, float]) -> float:
    """P(the sum of L is longer than the sum of H) when L's sum is isotropic.

    With low[0] == low[1] the length of L's sum is Rayleigh, and the mean of exp(-|H|^2 / 2s^2) over a
    normal H is a product of two Gaussian integrals. Raises ValueError for an anisotropic L.
    """
    if not math.isclose(low[0], low[1]):
        raise ValueError(f"closed form for an isotropic L only, not {low}")
    return math.prod(float((1 + (h / low[0]) ** 2) ** -0.5) for h in high)


def mean_length(scale: tuple[float, float]) -> float:
    """E of the length of a centred normal vector with entry deviations ``scale``.

    sqrt(2/pi) * s_max * E(1 - s_min^2 / s_max^2), with E the complete elliptic integral of the second
    kind as a function of the parameter m.
    """
    small, large = sorted(scale)
    return math.sqrt(2 / math.pi) * large * float(ellipe(1 - (small / large) ** 2))


def angle_density(degrees: Float[Tensor, "n"], scale: tuple[float, float]) -> Float[Tensor, "n"]:
    """Density per degree of :func:`angle_from_dim2` of a normal vector."""
    ratio = scale[0] / scale[1]
    tangent = torch.tan(torch.deg2rad(degrees)) / ratio
    derivative = (1 / torch.cos(torch.deg2rad(degrees))) ** 2 / ratio
    return 2 / math.pi * derivative / (1 + tangent**2) * math.pi / 180
