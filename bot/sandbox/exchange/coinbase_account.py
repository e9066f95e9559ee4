"""The account in the Coinbase dialect: balances, rights of the key, fees, wallets and their transactions."""

from collections.abc import Callable

from bot.sandbox.exchange.account import Balance, Transfer
from bot.sandbox.exchange.coinbase_wire import (
    CoinbaseError,
    Json,
    account_info,
    transaction_info,
    wallet_id,
    wallet_info,
)
from bot.sandbox.exchange.config import KeyConfig
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.exchange.wire import VenueRequest

_WALLETS = "/v2/accounts"
_PAGE = 100


class CoinbaseAccount:
    """The account endpoints of one venue; all are GET and need the right to read."""

    def __init__(self, venue: Venue) -> None:
        """Serve this venue."""
        self._venue = venue

    def answer(self, request: VenueRequest, key: KeyConfig) -> Json | None:
        """The answer to a question for the account; None where the path is of none."""
        wallet = request.path.removeprefix(f"{_WALLETS}/").removesuffix("/transactions")
        if request.path == f"{_WALLETS}/{wallet}/transactions":
            return self._transactions(wallet, request)
        handlers: dict[str, Callable[[VenueRequest, KeyConfig], Json]] = {
            "/api/v3/brokerage/accounts": self._accounts,
            "/api/v3/brokerage/transaction_summary": self._summary,
            "/api/v3/brokerage/key_permissions": _permissions,
            _WALLETS: self._wallets,
        }
        handle = handlers.get(request.path)
        return None if handle is None else handle(request, key)

    def _accounts(self, request: VenueRequest, _: KeyConfig) -> Json:
        rows = [account_info(name, balance) for name, balance in self._venue.account.balances.items()]
        params = request.params()
        limit, start = min(int(params.get("limit", 49)), 250), int(params.get("cursor") or 0)
        more = start + limit < len(rows)
        page = rows[start : start + limit]
        return {"accounts": page, "has_next": more, "cursor": str(start + limit) if more else "", "size": len(page)}

    def _summary(self, _: VenueRequest, __: KeyConfig) -> Json:
        fees = self._venue.engine.fees
        tier = {
            "pricing_tier": "Sandbox",
            "taker_fee_rate": format(fees.taker, "f"),
            "maker_fee_rate": format(fees.maker, "f"),
        }
        return {"total_volume": 0, "total_fees": 0, "fee_tier": tier}

    def _wallets(self, request: VenueRequest, _: KeyConfig) -> Json:
        changed = {entry.asset: entry.time for entry in self._venue.account.transfers}
        rows = [
            wallet_info(name, balance, changed.get(name, 0.0)) for name, balance in self._venue.account.balances.items()
        ]
        return _page(request, rows)

    def _transactions(self, wallet: str, request: VenueRequest) -> Json:
        known: dict[str, Balance] = {wallet_id(name): balance for name, balance in self._venue.account.balances.items()}
        if wallet not in known:
            raise CoinbaseError("NOT_FOUND", "Not found")
        entries: list[Transfer] = [t for t in self._venue.account.transfers if wallet_id(t.asset) == wallet]
        newest_first = sorted(entries, key=lambda entry: (entry.time, entry.id), reverse=True)
        return _page(request, [transaction_info(entry) for entry in newest_first])


def _page(request: VenueRequest, rows: list[Json]) -> Json:
    """A page of the older interface: it goes on after the row whose id is named."""
    params = request.params()
    after, limit = params.get("starting_after"), min(int(params.get("limit", 25)), _PAGE)
    start = next((place + 1 for place, row in enumerate(rows) if row["id"] == after), 0)
    page = rows[start : start + limit]
    following = f"{request.path}?starting_after={page[-1]['id']}" if start + limit < len(rows) else None
    return {"pagination": {"limit": limit, "order": "desc", "next_uri": following}, "data": page}


def _permissions(_: VenueRequest, key: KeyConfig) -> Json:
    rights = {
        "can_view": "read" in key.permissions,
        "can_trade": "trade" in key.permissions,
        "can_transfer": "withdraw" in key.permissions or "transfer" in key.permissions,
        "portfolio_uuid": "sandbox",
        "portfolio_type": "DEFAULT",
    }
    return rights | key.extra
