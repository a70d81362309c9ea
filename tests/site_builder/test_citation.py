from site_builder.model import Author
from site_builder.post import citation, tex

WORK = citation.Work(
    slug="small-posts",
    title="100% of_it",
    authors=(Author("A B", "", "", ""), Author("C D", "", "", "")),
    year=2026,
    url="https://example.org/small-posts.html",
    version="abc123",
    site="Notes",
)


def test_bibtex_of_a_post_and_of_a_figure() -> None:
    assert citation.bibtex(WORK) == (
        "@misc{smallposts2026,\n  title = {{100\\% of\\_it}},\n"
        "  author = {{A B} and {C D}},\n  year = {2026},\n"
        "  howpublished = {Notes},\n  url = {https://example.org/small-posts.html},\n"
        "  note = {Version abc123}\n}"
    )
    figure = citation.bibtex(WORK, "Figure 2", "fig-x")
    assert figure.startswith("@misc{smallposts2026-fig-x,\n")
    assert "url = {https://example.org/small-posts.html#fig-x}" in figure
    assert "note = {Figure 2, version abc123}" in figure


def test_a_post_without_an_address() -> None:
    nowhere = citation.Work("s", "T", WORK.authors, 2026, "", "v", "Notes")
    assert "url" not in citation.bibtex(nowhere, "Figure 1", "fig-x")
    assert citation.sentence(nowhere) == "A B, C D (2026). T. Notes, version v."


def test_captions_as_latex() -> None:
    assert tex.text("50% of a_b \\(x_{1}^2\\) − “so” 2 × 3 {}") == (
        "50\\% of a\\_b \\(x_{1}^2\\) $-$ ``so'' 2 $\\times$ 3 \\textbraceleft{}\\textbraceright{}"
    )
    assert citation.latex_figure("fig-a-b", "A & B").splitlines()[2:5] == [
        r"  \includegraphics[width=\linewidth]{fig-a-b.pdf}",
        r"  \caption{A \& B}",
        r"  \label{fig:a-b}",
    ]
