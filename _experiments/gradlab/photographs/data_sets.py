"""Data sets by name: ``data_sets.yaml`` says which module knows each.

Such a module offers ``open(split)`` and answers ``python -m MODULE digest`` without importing torch.
"""

from gradlab.photographs import declared
from gradlab.photographs.archives import DataError
from gradlab.photographs.collection import Collection


def open(name: str, split: str, **preparation: int) -> Collection:
    """The photographs of a data set; ``preparation`` is what its module takes, as resize=256, crop=224.

    A :class:`~gradlab.photographs.archives.DataError` names the data sets there are, or what is missing.
    """
    collection: Collection = declared.module("data_sets.yaml", name, DataError).open(split, **preparation)
    return collection
