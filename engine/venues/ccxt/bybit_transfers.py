"""What came into an account at Bybit and what left it. Only reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from engine.model.ids import VenueName
from engine.model.ledger import Deposit, Withdrawal, WithdrawalState
from engine.model.money import Quantity
from engine.venues.ccxt.parse import (
    asset_of,
    dict_of,
    instant_of_milliseconds,
    list_of,
    milliseconds,
    number_of,
    once_each,
    optional_number,
    text_of,
    windows,
)
from engine.venues.ccxt.profile import Api, Listing, Payload, Period

TRANSFER_PAGE = 50
TRANSFER_WINDOW = timedelta(days=29)
"""The venue answers for 30 days at a time."""
CREDITED = "3"
ALL_WITHDRAWALS = 2
"""On the chain and to other accounts of the venue; it tells of the chain's alone unless it is asked."""
WITHDRAWAL_STATES = {
    "success": WithdrawalState.DONE,
    "CancelByUser": WithdrawalState.RETURNED,
    "Reject": WithdrawalState.RETURNED,
    "Fail": WithdrawalState.RETURNED,
}
"""Any other word is of one on its way."""


def read_deposit(row: Payload, venue: VenueName, listing: Listing) -> Deposit:
    """One credited deposit. Raises InvalidValue."""
    return Deposit(
        id=row.get("id") or f"{text_of(row, 'txID')}-{row.get('txIndex') or ''}",
        venue=venue,
        asset=asset_of(text_of(row, "coin"), listing),
        quantity=Quantity(number_of(row, "amount")),
        at=instant_of_milliseconds(row.get("successAt"), "successAt"),
        txid=row.get("txID") or "",
    )


def read_withdrawal(row: Payload, venue: VenueName, listing: Listing) -> Withdrawal:
    """One withdrawal, however far it is. Raises InvalidValue."""
    return Withdrawal(
        id=text_of(row, "withdrawId"),
        venue=venue,
        asset=asset_of(text_of(row, "coin"), listing),
        quantity=Quantity(number_of(row, "amount")),
        fee=Quantity(optional_number(row, "withdrawFee")),
        at=instant_of_milliseconds(row.get("createTime"), "createTime"),
        state=WITHDRAWAL_STATES.get(text_of(row, "status"), WithdrawalState.ON_ITS_WAY),
        txid=row.get("txID") or "",
    )


async def fetch_deposits(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Deposit, ...]:
    """Deposits from a chain. Those from another account of the venue are told elsewhere, and not read."""
    rows = await _transfers(api, "privateGetV5AssetDepositQueryRecord", {}, period)
    return once_each(read_deposit(row, venue, listing) for row in rows if row.get("status") == CREDITED)


async def fetch_withdrawals(api: Api, venue: VenueName, listing: Listing, period: Period) -> tuple[Withdrawal, ...]:
    """Withdrawals to a chain and to other accounts of the venue, however far they are."""
    wanted = {"withdrawType": ALL_WITHDRAWALS}
    rows = await _transfers(api, "privateGetV5AssetWithdrawQueryRecord", wanted, period)
    return once_each(read_withdrawal(row, venue, listing) for row in rows)


async def _transfers(api: Api, method: str, wanted: Mapping[str, object], period: Period) -> list[Payload]:
    """All rows of a history that is told in windows, and page by page within each."""
    found: list[Payload] = []
    for start, end in windows(period, TRANSFER_WINDOW):
        window = {**wanted, "startTime": milliseconds(start), "endTime": milliseconds(end), "limit": TRANSFER_PAGE}
        page: dict[str, object] = window
        while True:
            result = dict_of(await api.private(method, page), "result")
            found += list_of(result, "rows")
            if not result.get("nextPageCursor"):
                break
            page = {**window, "cursor": result["nextPageCursor"]}
    return found
