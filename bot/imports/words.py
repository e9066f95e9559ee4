"""The words by which files say what a row is."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from bot.config.mistakes import shown
from engine.model.errors import InvalidValue


class RowKind(StrEnum):
    """What a row tells of."""

    BUY = "buy"
    SELL = "sell"
    TRADE = "trade"
    """One thing for another: which, its two sides say."""
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    INCOME = "income"
    SPEND = "spend"
    FEE = "fee"
    LOSS = "loss"
    OPENING = "opening"
    INTERNAL = "internal"


_WORDS: Final = {
    RowKind.BUY: "buy|bought|purchase|b|market buy|limit buy|advanced trade buy|advance trade buy|open long"
    "|transaction buy|fiat buy|recurring buy|auto-invest|buy crypto|acquire",
    RowKind.SELL: "sell|sold|s|sale|market sell|limit sell|advanced trade sell|advance trade sell|transaction sold"
    "|transaction spend|transaction revenue|fiat sell|sell crypto|dispose",
    RowKind.TRADE: "trade|exchange|convert|conversion|swap|crypto swap|transaction related|binance convert"
    "|large otc trading|small assets exchange bnb|spot|spend trade|fiat exchange",
    RowKind.DEPOSIT: "deposit|deposits|receive|received|in|incoming|crypto deposit|fiat deposit|exchange deposit"
    "|coin deposit|userdeposit|transfer in|transfer_in|receive crypto|pro withdrawal",
    RowKind.WITHDRAWAL: "withdrawal|withdraw|withdrawals|send|sent|out|outgoing|crypto withdrawal|fiat withdrawal"
    "|exchange withdrawal|coin withdrawal|transfer out|transfer_out|send crypto|pro deposit",
    RowKind.TRANSFER: "transfer|move|moved|own transfer",
    RowKind.INCOME: "income|reward|rewards|staking|staking reward|staking rewards|staking income|rewards income"
    "|interest|airdrop|airdrops|mining|earn|dividend|distribution|cashback|cash back|rebate|referral|bonus"
    "|learning reward|coinbase earn|inflation reward|savings interest|simple earn flexible interest"
    "|simple earn locked rewards|eth 2.0 staking rewards|launchpool interest|bnb vault rewards"
    "|airdrop assets|commission rebate|referral kickback|referral commission|pos savings interest"
    "|simple earn flexible airdrop|hodler airdrops distribution|fork|staking yield|fee rebate"
    "|subscription rebate|lending interest|staking interest|masternode",
    RowKind.SPEND: "spend|spent|payment|pay|purchase of goods|card spend|binance card spending|expense",
    RowKind.FEE: "fee|fees|commission|trading fee|transaction fee|withdrawal fee|network fee|other fee",
    RowKind.LOSS: "lost|loss|stolen|theft|gift sent|gift|donation|burn",
    RowKind.OPENING: "opening|opening balance|balance|initial balance|initial",
    RowKind.INTERNAL: "internal|internal transfer|transfer between main and funding wallet"
    "|transfer between spot account and um futures account|transfer between spot account and cm futures account"
    "|transfer between main account/futures and margin account|simple earn flexible subscription"
    "|simple earn flexible redemption|simple earn locked subscription|simple earn locked redemption|staking purchase"
    "|staking redemption|savings purchase|savings principal redemption|retail staking transfer"
    "|retail unstaking transfer|launchpool subscription/redemption|subscription|redemption|spottostaking"
    "|spotfromstaking|stakingtospot|stakingfromspot|spottofutures|spotfromfutures|allocation|deallocation"
    "|autoallocation|autoallocate",
}
KINDS: Final = {word: kind for kind, words in _WORDS.items() for word in words.split("|")}
SHOWN_KINDS: Final = "buy, sell, trade, deposit, withdrawal, transfer, income, spend, fee, lost, opening"
DONE: Final = frozenset(
    {"", "ok", "done", "deal", "filled", "filled all", "partially filled", "partially_filled", "partially canceled"}
    | {"partially cancelled", "completed", "complete", "finished", "success", "successful", "successfully", "succeed"}
    | {"credited", "executed", "confirmed", "settled", "deposit successful"}
)
NOT_DONE: Final = re.compile(r"cancel|fail|reject|pending|process|expire|open|new|refund|return|void|unconfirmed")


def kind_of(word: str) -> RowKind:
    """What a row of this type is. Raises InvalidValue, with an empty field."""
    plain = re.sub(r"[\s_]+", " ", word.strip().lower())
    found = KINDS.get(plain) or KINDS.get(plain.replace(" ", "_")) or KINDS.get(plain.replace("-", " "))
    if found is None:
        raise InvalidValue("", f"{shown(word)} is not known; write one of {SHOWN_KINDS}, or leave the row out")
    return found


def is_done(word: str) -> bool:
    """Whether a row of this status took place. Raises InvalidValue, with an empty field, for an unknown word."""
    plain = word.strip().lower()
    if plain in DONE:
        return True
    if NOT_DONE.search(plain):
        return False
    raise InvalidValue("", f"{shown(word)} is not known; write completed, or leave the row out")
