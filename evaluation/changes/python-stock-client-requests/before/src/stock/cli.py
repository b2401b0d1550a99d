"""The `stock` command."""

from __future__ import annotations

import os
import sys

import click

from stock.client import StockClient, UnknownSku


@click.command()
@click.argument("skus", nargs=-1, required=True)
def main(skus: tuple[str, ...]) -> None:
    """Print what is on hand of each SKU."""
    client = StockClient(os.environ["STOCK_URL"], os.environ["STOCK_TOKEN"])
    unknown = 0
    for sku in skus:
        try:
            click.echo(f"{sku}\t{client.quantity(sku)}")
        except UnknownSku:
            click.echo(f"{sku}\tunknown", err=True)
            unknown += 1
    sys.exit(1 if unknown else 0)
