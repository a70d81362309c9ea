"""Elements of a page by name, attributes and class.

Beautiful Soup's own filters, and even more so CSS selectors, take as long as all else that makes a page; to
look through the elements of one name costs little.
"""

from bs4 import Tag


def having(root: Tag, name: str | bool, *attributes: str, of_class: str = "") -> list[Tag]:
    """The elements below ``root`` of that ``name`` (True: of any) with all these attributes and the class."""
    return [
        element
        for element in root.find_all(name)
        if all(map(element.has_attr, attributes)) and (not of_class or of_class in classes(element))
    ]


def classes(element: Tag) -> list[str]:
    """The classes of an element."""
    return [str(one) for one in element.get_attribute_list("class")]
