"""Imputation against a sparse system that SciPy solves, set up pixel by pixel."""

import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.sparse.linalg import spsolve

from gradlab.faithfulness.imputation import imputed

WEIGHTS = {
    (a, b): 1 / 6 if a * b == 0 else 1 / 12 for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)
}


def solved(image, missing):
    """Every missing pixel is the weighted mean of those of its neighbours that lie in the image."""
    height, width = missing.shape
    unknown = {(y, x): i for i, (y, x) in enumerate(np.argwhere(missing).tolist())}
    matrix = sparse.lil_matrix((len(unknown), len(unknown)))
    right = np.zeros((len(unknown), len(image)))
    for (y, x), row in unknown.items():
        for (a, b), weight in WEIGHTS.items():
            if not (0 <= y + a < height and 0 <= x + b < width):
                continue
            matrix[row, row] += weight
            if (y + a, x + b) in unknown:
                matrix[row, unknown[y + a, x + b]] = -weight
            else:
                right[row] += weight * image[:, y + a, x + b]
    found = image.copy()
    values = spsolve(matrix.tocsr(), right).reshape(len(unknown), -1)
    for (y, x), row in unknown.items():
        found[:, y, x] = values[row]
    return found


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("blob", [False, True])
def test_imputation_solves_the_sparse_system(share, blob):
    generator = torch.Generator().manual_seed(3)
    images = torch.randn(3, 2, 13, 17, generator=generator)
    scores = torch.rand(3, 13, 17, generator=generator)
    if blob:
        scores = (torch.arange(13)[:, None] + torch.arange(17) + 3 * torch.arange(3)[:, None, None]).float()
    missing = scores <= scores.flatten(1).quantile(share, dim=1)[:, None, None]
    found = imputed(images, missing)
    for i in range(3):
        expected = solved(images[i].double().numpy(), missing[i].numpy())
        np.testing.assert_allclose(found[i].numpy(), expected, atol=2e-3)
    torch.testing.assert_close(
        torch.where(missing[:, None], 0.0, found), torch.where(missing[:, None], 0.0, images)
    )


def test_noise_falls_on_missing_pixels_only():
    images = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    missing = torch.zeros(2, 8, 8, dtype=torch.bool)
    missing[:, 2:5, 3:6] = True
    noise = torch.full_like(images, 0.5)
    added = imputed(images, missing, noise) - imputed(images, missing)
    torch.testing.assert_close(added, noise * missing[:, None])


def test_an_image_without_a_known_pixel_becomes_zero():
    missing = torch.stack([torch.ones(6, 6, dtype=torch.bool), torch.eye(6, dtype=torch.bool)])
    found = imputed(torch.ones(2, 3, 6, 6), missing)
    assert not found[0].any()
    torch.testing.assert_close(found[1], torch.ones(3, 6, 6))
