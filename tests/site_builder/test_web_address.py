"""Addresses that people write: into site.yaml, bibliographies, and the front matter of posts."""

import pytest
from tests.site_builder.tiny_site import TinySite

from site_builder import authors, web_address
from site_builder.errors import ConfigError, PostError
from site_builder.post import bibliography

HARMFUL = (
    *("javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)"),
    *("jav&#97;script:alert(1)", "vbscript:x", "data:text/html,x", "file:///etc/passwd", "//example.org"),
    *("https://", "https:\\\\example.org", "https://exam ple.org", "https://example.org\n"),
)


@pytest.mark.parametrize("address", HARMFUL)
def test_what_is_no_address_of_the_web_is_refused_wherever_it_is_written(
    tiny: TinySite, address: str
) -> None:
    assert web_address.problem(address, mail=True).endswith("is no address such as https://example.org/blog")
    with pytest.raises(ValueError, match="url: "):
        authors.read({"name": "A", "url": address})
    with pytest.raises(ValueError, match="url: "):
        authors.read({"name": "A", "affiliations": {"name": "B", "url": address}})
    site = tiny.tree.root / "site.yaml"
    site.write_text(f'{site.read_text()}\nrepository: "{_escaped(address)}"\n')
    with pytest.raises(ConfigError, match=r"site\.yaml: repository: "):
        tiny.configuration()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "example.org"])
def test_a_reference_leads_into_the_web(tiny: TinySite, address: str) -> None:
    path = tiny.tree.root / "templates" / "references.bib"
    path.write_text(
        f"@misc{{a2020,\n title = {{A}}, author = {{B, C}}, year = 2020, url = {{{address}}}\n}}\n"
    )
    with pytest.raises(PostError, match=r"references\.bib:1: 'a2020': url: .* is no address such as"):
        bibliography.load(path)


@pytest.mark.parametrize(
    "address", ["https://example.org", "http://a.b/c?d=e#f", "https://example.org/a_(b)"]
)
def test_other_addresses_are_taken(address: str) -> None:
    assert web_address.problem(address) == ""
    assert authors.read({"name": "A", "url": address}).url == address
    assert authors.read({"name": "A", "url": "mailto:a@example.org"}).url


def _escaped(address: str) -> str:
    return address.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
