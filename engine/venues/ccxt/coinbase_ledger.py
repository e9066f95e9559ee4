"""What came into a Coinbase account and what left it, out of the transactions of each of its wallets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from engine.model.ids import VenueName
from engine.model.ledger import Deposit, Withdrawal, WithdrawalState
from engine.model.money import EXACT, ZERO, Quantity
from engine.venues.ccxt.parse import asset_of, dict_of, instant_of_iso, list_of, number_of, text_of
from engine.venues.ccxt.profile import Api, Listing, Payload, Period

WALLET_PAGE = 250
TRANSACTION_PAGE = 100
TRANSFERS = frozenset(
    {"send", "receive", "fiat_deposit", "fiat_withdrawal", "exchange_deposit", "exchange_withdrawal"},
)
"""Between the account and the outside: trades, rewards, and moves to a vault or to staking are none."""
CREDITED = "completed"
STATES = {
    "completed": WithdrawalState.DONE,
    "failed": WithdrawalState.RETURNED,
    "canceled": WithdrawalState.RETURNED,
    "expired": WithdrawalState.RETURNED,
}
"""Any other is on its way."""


async def fetch_deposits(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Deposit, ...]:
    """Completed transfers that added to a wallet."""
    rows = [row for row in await _transfers(api, period) if row.get("status") == CREDITED]
    return tuple(read_deposit(row, venue, listing) for row in rows if _amount(row) > 0)


async def fetch_withdrawals(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Withdrawal, ...]:
    """Transfers that took from a wallet, however far they are."""
    rows = await _transfers(api, period)
    return tuple(read_withdrawal(row, venue, listing) for row in rows if _amount(row) < 0)


def read_deposit(row: Payload, venue: VenueName, listing: Listing) -> Deposit:
    """One credited deposit. Raises InvalidValue."""
    return Deposit(
        id=text_of(row, "id"),
        venue=venue,
        asset=asset_of(text_of(dict_of(row, "amount"), "currency"), listing),
        quantity=Quantity(_amount(row)),
        at=instant_of_iso(row.get("created_at"), "created_at"),
        txid=(row.get("network") or {}).get("hash") or "",
    )


def read_withdrawal(row: Payload, venue: VenueName, listing: Listing) -> Withdrawal:
    """One withdrawal: its amount holds the network's fee where that is in the same asset. Raises InvalidValue."""
    network = row.get("network") or {}
    fee = network.get("transaction_fee") or {}
    own_fee = number_of(fee, "amount") if fee.get("currency") == dict_of(row, "amount").get("currency") else ZERO
    return Withdrawal(
        id=text_of(row, "id"),
        venue=venue,
        asset=asset_of(text_of(dict_of(row, "amount"), "currency"), listing),
        quantity=Quantity(EXACT.subtract(_amount(row).copy_abs(), own_fee)),
        fee=Quantity(own_fee),
        at=instant_of_iso(row.get("created_at"), "created_at"),
        state=STATES.get(text_of(row, "status"), WithdrawalState.ON_ITS_WAY),
        txid=network.get("hash") or "",
    )


def _amount(row: Payload) -> Decimal:
    return number_of(dict_of(row, "amount"), "amount")


async def _transfers(api: Api, period: Period) -> list[Payload]:
    """The transfers of every wallet that holds something, or changed since the period's start.

    One that is empty and unchanged is not asked for: an account has a wallet for every asset that it ever held.
    """
    found: dict[str, Payload] = {}
    for wallet in await _pages(api, "v2PrivateGetAccounts", {"limit": WALLET_PAGE}, None):
        if number_of(dict_of(wallet, "balance"), "amount") or _is_later(wallet, "updated_at", period[0]):
            wanted = {"account_id": text_of(wallet, "id"), "limit": TRANSACTION_PAGE}
            rows = await _pages(api, "v2PrivateGetAccountsAccountIdTransactions", wanted, period[0])
            found |= {text_of(row, "id"): row for row in rows if row.get("type") in TRANSFERS}
    return list(found.values())


def _is_later(row: Payload, key: str, start: datetime) -> bool:
    return bool(row.get(key)) and instant_of_iso(row[key], key) >= start


async def _pages(api: Api, method: str, wanted: dict[str, object], start: datetime | None) -> list[Payload]:
    """All rows of a list that is told newest first, back to an instant where there is one."""
    found: list[Payload] = []
    page: dict[str, object] = {}
    while True:
        payload = await api.private(method, wanted | page)
        rows = list_of(payload, "data")
        found += rows
        more = (payload.get("pagination") or {}).get("next_uri")
        if not rows or not more or (start is not None and not _is_later(rows[-1], "created_at", start)):
            return found
        page = {"starting_after": text_of(rows[-1], "id")}
