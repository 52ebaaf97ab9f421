#!/usr/bin/env python3
"""Turns "The Complete Journey" into files for `gateway import`.

usage: complete_journey.py FOLDER TARGET [LINES]

FOLDER has products.csv and transactions.csv (see complete-journey.sh), TARGET
gets customers.ndjson, products.ndjson and orders.ndjson. With LINES only the
baskets that begin within the first so many lines of transactions are taken.
Python's standard library is enough; memory does not grow with the number of
baskets, since a basket's lines stand together.

A household becomes a customer, a basket an order, a line of a basket a line of
the order. Values are in US dollars: sales_value is what the line cost after all
discounts, retail_disc and coupon_disc are what was taken off. A line's unit price
is what one piece cost before discounts, rounded to cents, so quantity x unit price
- discount may miss the line's total by a few cents; the totals are the data's.
"""
import csv
import decimal
import itertools
import json
import pathlib
import sys

SOURCE = "complete-journey"
CENT = decimal.Decimal("0.01")


def money(amount):
    return {"amount": str(amount.quantize(CENT, decimal.ROUND_HALF_UP)), "currencyCode": "USD"}


def reference(external_id):
    return {"source": SOURCE, "externalId": external_id}


def product(row):
    words = [w for w in (row["product_type"], row["package_size"]) if w]
    return {
        **reference(row["product_id"]),
        "title": " ".join(words) or "Product " + row["product_id"],
        "categories": [w for w in (row["department"], row["product_category"]) if w],
        "variants": [{"sku": row["product_id"]}],
    }


def line(row, titles):
    quantity = max(1, int(row["quantity"]))  # A few lines count none: fees and refunds of deposits.
    total = decimal.Decimal(row["sales_value"]).quantize(CENT, decimal.ROUND_HALF_UP)
    discount = (decimal.Decimal(row["retail_disc"]) + decimal.Decimal(row["coupon_disc"])).quantize(CENT, decimal.ROUND_HALF_UP)
    discount = max(discount, decimal.Decimal(0))
    return total, {
        "product": reference(row["product_id"]),
        "title": titles.get(row["product_id"], "Product " + row["product_id"]),
        "sku": row["product_id"],
        "quantity": quantity,
        "unitPrice": money((total + discount) / quantity),
        "discount": money(discount),
        "total": money(total),
    }


def order(basket, rows, titles):
    lines = [line(row, titles) for row in rows]
    return {
        **reference(basket),
        "customer": reference(rows[0]["household_id"]),
        "salesChannel": "store " + rows[0]["store_id"],
        "placedAt": rows[0]["transaction_timestamp"][:19].replace(" ", "T") + "Z",
        "status": "COMPLETED",
        "financialStatus": "PAID",
        "fulfillmentStatus": "DELIVERED",
        "lines": [l for _, l in lines],
        "price": {"total": money(sum(total for total, _ in lines))},
    }


def write(path, records):
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record, separators=(",", ":")) + "\n")
            count += 1
    return count


def main(folder, target, limit=None):
    folder, target = pathlib.Path(folder), pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    titles, households, lines = {}, {}, 0

    def products():
        with (folder / "products.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                record = product(row)
                titles[row["product_id"]] = record["title"]
                yield record

    def orders():
        nonlocal lines
        with (folder / "transactions.csv").open(newline="", encoding="utf-8") as file:
            for basket, rows in itertools.groupby(csv.DictReader(file), lambda row: row["basket_id"]):
                if limit is not None and lines >= limit:
                    return
                rows = list(rows)
                lines += len(rows)
                households.setdefault(rows[0]["household_id"], rows[0]["transaction_timestamp"][:10])
                yield order(basket, rows, titles)

    def customers():
        for household, first in households.items():
            yield {
                "externalIdentities": [reference(household)],
                "displayName": "Household " + household,
                "customerGroup": "household",
                "lifecycleStage": "CUSTOMER",
                "createdAt": first + "T00:00:00Z",
            }

    counts = {
        "products": write(target / "products.ndjson", products()),
        "orders": write(target / "orders.ndjson", orders()),
        "customers": write(target / "customers.ndjson", customers()),
        "lines": lines,
    }
    print(json.dumps(counts))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else None)
