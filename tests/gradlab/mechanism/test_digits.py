"""Digits in clutter: the box holds the digit, and no digit serves both training and testing."""

import pytest
import torch

from gradlab.mechanism import digits
from gradlab.photographs import datasets


def test_each_digit_is_in_one_part_only():
    train, test = digits.split("train")[0], digits.split("test")[0]
    assert len(train) + len(test) == 1797
    # Compared whole: the nearest training digit of a test digit is never the digit itself.
    nearest = torch.cdist(test.flatten(1), train.flatten(1)).min(1).values
    assert float(nearest.min()) > 0


def test_the_box_holds_the_digit_exactly():
    pictures = digits.place("test", 40, seed=1)
    known, labels = digits.split("test")
    for pixels, label, (x0, y0, x1, y1) in zip(
        pictures.pixels, pictures.labels, pictures.boxes.tolist(), strict=True
    ):
        cut = pixels[0, y0:y1, x0:x1]
        assert cut.shape == (digits.DIGIT, digits.DIGIT)
        # Pixels were shifted and scaled alike, so the cut is an affine image of one digit of that label.
        flat = torch.stack([cut.flatten(), torch.ones(cut.numel())], 1)
        same = known[labels == label].flatten(1).T
        residual = same - flat @ torch.linalg.lstsq(flat, same).solution
        assert float(residual.square().sum(0).min()) < 1e-6


def test_clutter_lies_outside_the_box_too():
    pictures = digits.place("test", 40, seed=1)
    outside = ~datasets.box_mask(pictures.boxes, digits.SIDE, digits.SIDE)
    brightest = torch.where(outside, pictures.pixels[:, 0], -torch.inf).amax((1, 2))
    assert bool((brightest > 1).all())


def test_the_seed_decides():
    first, again, other = (digits.place("train", 5, seed).pixels for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="'train' or 'test', not 'val'"):
        digits.split("val")


def test_a_subset_keeps_pictures_labels_and_boxes_together():
    pictures = digits.place("test", 6, seed=2)
    chosen = pictures.subset([4, 1])
    assert len(chosen) == 2
    for place, row in enumerate((4, 1)):
        assert torch.equal(chosen.pixels[place], pictures.pixels[row])
        assert chosen.labels[place] == pictures.labels[row]
        assert torch.equal(chosen.boxes[place], pictures.boxes[row])
