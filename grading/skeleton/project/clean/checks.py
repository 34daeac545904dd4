"""What is asked of clean: that each sale is there, once, with its true amount."""

from collections.abc import Mapping
from typing import Any

from grading.kit import DoesNotHold, Produced, Truth, check, document, expect


def read_sales(produced: Produced) -> list[Mapping[str, Any]]:
    """The sales, or a refusal when one of them is none."""
    sales = document(produced, "sales.json", fields={"sales": "list"})["sales"]
    for sale in sales:
        if not isinstance(sale, dict) or not isinstance(sale.get("id"), str) or type(sale.get("cents")) is not int:
            raise DoesNotHold("An entry of sales.json lacks its id as text or its cents as a whole number.")
    return list(sales)


@check(skills=["clean"], level=1, gate=True)
def sales_are_in_form(produced: Produced, truth: Truth) -> None:
    """Each sale has its id as text and its cents as a whole number."""
    read_sales(produced)


@check(skills=["clean"], level=2)
def each_sale_is_one_row(produced: Produced, truth: Truth) -> None:
    """No sale is there twice."""
    ids = [sale["id"] for sale in read_sales(produced)]
    twice = len(ids) - len(set(ids))
    expect(twice == 0, f"{twice} sales are there again. Nadia counts their money twice. What makes two rows the same sale?")


@check(skills=["clean"], level=2)
def no_sale_is_lost(produced: Produced, truth: Truth) -> None:
    """Every sale of the day is there."""
    wanted, found = {sale["id"] for sale in truth.json("sales")}, {sale["id"] for sale in read_sales(produced)}
    lost = len(wanted - found)
    expect(
        lost == 0,
        f"{lost} of {len(wanted)} sales are gone. Money was taken for them, and the books do not know. Count the rows after "
        "each of your steps: where do they go?",
    )


@check(skills=["clean", "validate"], level=3)
def amounts_are_right(produced: Produced, truth: Truth) -> None:
    """Every amount is what was paid, in cents."""
    paid = {sale["id"]: sale["cents"] for sale in truth.json("sales")}
    wrong = sum(paid.get(sale["id"], sale["cents"]) != sale["cents"] for sale in read_sales(produced))
    expect(
        wrong == 0,
        f"{wrong} amounts are not what was paid, so the day does not add up. Do they have a shop in common? See how that "
        "shop's till writes them.",
    )
