"""The same history matched by rp2: run by the interpreter that it is installed for, which knows nothing of ours.

`python rp2_lots.py fifo < EVENTS.json` prints the seconds from parsed JSON to gains, and the sum of those.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CONFIGURATION = """
[general]
assets = B1
exchanges = main
holders = Ann
[in_header]
timestamp = 0
[out_header]
timestamp = 0
[intra_header]
timestamp = 0
"""


def main() -> None:
    """Match what stands on standard input."""
    method, events = sys.argv[1], json.load(sys.stdin)["events"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rp2.ini")
        path.write_text(CONFIGURATION, encoding="utf-8")
        begun = time.process_time()
        gain = matched(events, method, str(path))
        sys.stdout.write(json.dumps({"seconds": time.process_time() - begun, "gain": str(gain)}))


def matched(events: list[dict[str, str]], method: str, configuration_path: str) -> Any:
    """The sum of all gains."""
    rp2 = {name: importlib.import_module(f"rp2.{name}") for name in ("configuration", "input_data", "tax_engine")}
    country = importlib.import_module("rp2.plugin.country.us").US()
    configuration = rp2["configuration"].Configuration(configuration_path, country)
    sets = transaction_sets(events, configuration)
    data = rp2["input_data"].InputData("B1", *sets, configuration.from_date, configuration.to_date)
    methods = importlib.import_module("prezzemolo.avl_tree").AVLTree()
    methods.insert_node(2000, importlib.import_module(f"rp2.plugin.accounting_method.{method}").AccountingMethod())
    engine = importlib.import_module("rp2.accounting_engine").AccountingEngine(methods)
    computed = rp2["tax_engine"].compute_tax(configuration, engine, data)
    nothing = importlib.import_module("rp2.rp2_decimal").RP2Decimal(0)
    return sum((each.fiat_gain for each in computed.gain_loss_set), nothing)


def transaction_sets(events: list[dict[str, str]], configuration: Any) -> list[Any]:
    """Purchases, sales, and no transfers."""
    number = importlib.import_module("rp2.rp2_decimal").RP2Decimal
    kinds = importlib.import_module("rp2.transaction_set"), importlib.import_module("rp2.entry_types").EntrySetType
    bought, sold = (importlib.import_module(f"rp2.{side}_transaction") for side in ("in", "out"))
    sets = [
        kinds[0].TransactionSet(configuration, kind.value, "B1") for kind in (kinds[1].IN, kinds[1].OUT, kinds[1].INTRA)
    ]
    for row, event in enumerate(events, start=1):
        where, figures = (event["t"], "B1", "main", "Ann"), (number(event["price"]), number(event["qty"]))
        if event["kind"] == "acquire":
            sets[0].add_entry(bought.InTransaction(configuration, *where, "BUY", *figures, fiat_fee=number(0), row=row))
        else:
            sets[1].add_entry(sold.OutTransaction(configuration, *where, "SELL", *figures, number(0), row=row))
    return sets


if __name__ == "__main__":
    main()
