import pytest

from site_builder.model import Scalar
from site_builder.post import numbers


@pytest.mark.parametrize(
    ("value", "spec", "text", "formula"),
    [
        (4.512, ".2f", "4.51", "4.51"),
        (-4.512, ".2f", "−4.51", "-4.51"),
        (2.1234e-9, ".1e", "2.1 × 10<sup>−9</sup>", r"2.1 \times 10^{-9}"),
        (-3.0e12, ".2g", "−3 × 10<sup>12</sup>", r"-3 \times 10^{12}"),
        (0.1234, ".1%", "12.3%", "12.3%"),
        (100000, ",", "100,000", "100,000"),
        (1.2345, ".1e", "1.2", "1.2"),
        (12.345, ".1e", "1.2 × 10<sup>1</sup>", r"1.2 \times 10^{1}"),
        (7, "", "7", "7"),
        (1.5, "+.1f", "+1.5", "+1.5"),
        (-0.001, ".2f", "0.00", "0.00"),
        (True, "", "yes", "yes"),
    ],
)
def test_a_number_in_a_sentence_and_in_a_formula(value: Scalar, spec: str, text: str, formula: str) -> None:
    assert numbers.in_text(value, spec) == text
    assert numbers.in_formula(value, spec) == formula


def test_a_text_acts_on_nothing_in_a_sentence_and_has_no_place_in_a_formula() -> None:
    assert numbers.in_text("a-b <c>", "") == "a-b &lt;c&gt;"
    assert numbers.in_text("$5\n\n{: .x}", "") == "<span>$</span>5 &#123;&#58; .x&#125;"
    with pytest.raises(numbers.NumberError, match="only a number can stand in a formula"):
        numbers.in_formula("a", "")


@pytest.mark.parametrize(
    ("value", "spec", "problem"),
    [
        ("abc", ".2f", "is the text 'abc'; the format '.2f' needs a number"),
        (1.5, "d", "the format 'd' does not fit"),
        (1.5, ".2q", "the format '.2q' does not fit"),
        (None, ".2f", "is empty"),
        (True, ".2f", "is a truth value"),
    ],
)
def test_formats_that_do_not_fit(value: Scalar, spec: str, problem: str) -> None:
    with pytest.raises(numbers.NumberError, match=problem.replace(".", r"\.")):
        numbers.in_text(value, spec)


def test_an_entry_of_a_table_has_four_digits_unless_told() -> None:
    assert [numbers.in_table(entry, "") for entry in (1 / 3, 12, None)] == ["0.3333", "12", "–"]
    assert numbers.in_table(1 / 3, ".1f") == "0.3"
