import pytest

from gradlab.photographs import pictures


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((256, 256), (16, 16, 240, 240), (0, 0, 224, 224)),
        ((512, 256), (128, 0, 384, 256), (0, 0, 224, 224)),
        ((512, 1024), (200, 500, 300, 600), (84, 106, 134, 156)),
        ((1000, 256), (0, 0, 100, 256), None),
    ],
)
def test_resize_and_crop_box_by_hand(size, box, expected):
    width, height = size
    carried = pictures.resize_and_crop_box(box, width, height, 256, 224)
    assert carried == expected
