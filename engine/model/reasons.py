"""Why something is as it is: a code and its operands, never prose. Text is made from these and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.canonical import instant_text
from engine.model.money import plain


class ReasonCode(StrEnum):
    """Every reason the engine can give. The operands are named in brackets."""

    # Why a plan is made, or is not.
    DRIFT_OVER_THRESHOLD = "drift_over_threshold"
    """Its drift is strictly beyond its threshold [name, weight, target, absolute, relative, threshold, mode]."""
    DRIFT_WITHIN_THRESHOLD = "drift_within_threshold"
    """No drift is beyond its threshold [name, weight, target, absolute, relative, threshold, mode]: the widest."""
    BAND_SCALED = "band_scaled"
    """Thresholds are scaled by how volatile the assets are [factor, volatility, usual]."""
    BAND_UNSCALED = "band_unscaled"
    """Thresholds are not scaled: there is too little price history."""
    CALENDAR_DUE = "calendar_due"
    """A date of the schedule has come [date, every, timezone]."""
    CALENDAR_NOT_DUE = "calendar_not_due"
    """No date of the schedule has come since the last [every, timezone]."""
    CALENDAR_CHECKED = "calendar_checked"
    """A date came, and every drift was within its band then [date]."""
    CALENDAR_MISSED = "calendar_missed"
    """A date passed while nothing ran, longer ago than the grace [date, grace_seconds]: offered, not traded."""
    QUIET_HOURS = "quiet_hours"
    """Nobody answered during the quiet hours: the figures are refreshed in place []."""
    QUIET_HOURS_OVER = "quiet_hours_over"
    """The quiet hours are over: what was proposed in them is asked again []."""
    REQUESTED = "requested"
    """A person asked for a plan."""
    CASH_FLOW = "cash_flow"
    """New money came in and buys what is underweight, without a sale [amount]."""
    HARVEST = "harvest"
    """A loss saves more tax than it costs to realise it [asset, venue, quantity, loss, saves, cost, left]."""
    COOLDOWN = "cooldown"
    """The last plan ended too recently [until]."""
    PLAN_OPEN = "plan_open"
    """Another plan is open [plan]."""
    PAUSED = "paused"
    """A person paused planning [by, until]."""
    KILLED = "killed"
    """Somebody pulled the kill switch [since]."""
    SNOOZED = "snoozed"
    """A person asked to be left alone until an instant [until]."""
    REFUSED_RECENTLY = "refused_recently"
    """The last plan was refused or expired, and drift has not grown by a fifth of its threshold [until]."""
    NOTHING_TO_TRADE = "nothing_to_trade"
    """The trigger fired, and no leg was left after the limits."""
    TOLD_BY_FILE = "told_by_file"
    """A state file says that it stands []."""
    STOP_HIT = "stop_hit"
    """A price has fallen to its stop [asset, price, reference, stop, kind, drop, fraction]."""
    STOP_ARMED = "stop_armed"
    """A price is above its stop [asset, price, reference, stop, kind, drop, fraction]."""
    STOP_BELOW_AT_FIRST = "stop_below_at_first"
    """A stop is not armed: the price was below it when the watch began
    [asset, price, reference, stop, kind, drop, fraction]."""
    NO_BASIS = "no_basis"
    """A stop is not armed: what most of the holding cost is not known [asset]."""
    NOT_HELD = "not_held"
    """A guard has nothing to watch: the asset is not held [asset]."""
    DEPEGGED = "depegged"
    """A stablecoin is away from its peg [asset, worth, off_bps, limit_bps, by]."""
    AT_PEG = "at_peg"
    """A stablecoin is near its peg [asset, worth, off_bps, limit_bps, by]."""
    NO_PEG = "no_peg"
    """A stablecoin is not watched: no venue tells what its currency is worth [asset]."""
    CONCENTRATED = "concentrated"
    """A name has outgrown its target [name, weight, target, points]."""
    NOT_CONCENTRATED = "not_concentrated"
    """A name is near its target or below [name, weight, target, points]."""
    LOST_IN_A_DAY = "lost_in_a_day"
    """What is held is worth so much less than at the best of a day [loss, limit, worth, best]."""
    NOT_LOST_IN_A_DAY = "not_lost_in_a_day"
    """What is held has not lost too much in a day [loss, limit, worth, best]."""
    NO_PRICES_OF_YESTERDAY = "no_prices_of_yesterday"
    """The day's loss is not watched yet: no prices of the last 24 hours are on record []."""
    AVERAGE_CORRELATION_HIGH = "average_correlation_high"
    """Coins move together more than they may, and more than they use to
    [average, limit, coins, level, usual_limit, first, second, pair]."""
    AVERAGE_CORRELATION_USUAL = "average_correlation_usual"
    """They do not, or no more than they use to [average, limit, coins, level, usual_limit, first, second, pair]."""
    PAIR_CORRELATION_HIGH = "pair_correlation_high"
    """Two coins move as one [first, second, correlation, limit]."""
    PAIR_CORRELATION_USUAL = "pair_correlation_usual"
    """Two coins do not move as one [first, second, correlation, limit]."""
    BETS_FEW = "bets_few"
    """Coins are fewer independent bets than they should be [bets, limit, coins, first, second, pair]."""
    BETS_ENOUGH = "bets_enough"
    """They are bets enough [bets, limit, coins, first, second, pair]."""
    COIN_HISTORY_SHORT = "coin_history_short"
    """How a coin moves with the others is not known yet [asset, days, needed]."""
    COINS_KNOWN_FEW = "coins_known_few"
    """Too few coins have a known past to be compared [known, needed]."""
    CORRELATION_HISTORY_SHORT = "correlation_history_short"
    """It is not known yet what average correlation is usual [average, days, needed]."""
    DAILY_TURNOVER_CAP = "daily_turnover_cap"
    """What may still be traded within 24 hours [cap, traded, room]."""
    PLAN_SIZE_CAP = "plan_size_cap"
    """What one plan may trade [cap]."""
    NO_CAP = "no_cap"
    """No cap is set for this [rule]."""
    NO_RECORD_OF_TRADES = "no_record_of_trades"
    """A cap does not hold: there is no record of what was traded today [rule]."""
    UNSOLVED = "unsolved"
    """The trigger fired, and the figures are too far apart to be solved for: one of them must be wrong [problem]."""

    # Why a figure is left out, or stops everything.
    VENUE_UNREACHABLE = "venue_unreachable"
    """A venue did not answer: its balances are the last known ones [venue, age_seconds, problem]."""
    VENUE_NOT_TRADED = "venue_not_traded"
    """A venue is degraded or halted and stays out of the plan [venue, health, problem]."""
    VENUE_JUDGED = "venue_judged"
    """How far a venue can be relied on: points from 0 to 100 [venue, health, score]."""
    VENUE_HALTED = "venue_halted"
    """A venue was halted: nothing more is sent there [venue]."""
    VENUE_IN_QUESTION = "venue_in_question"
    """A change of a venue's balances waits for a person's word, and the venue stays out of plans [venue]."""
    PARTIAL_VIEW_ALLOWED = "partial_view_allowed"
    """Only the healthy venues' own holdings are traded [venue]."""
    PRICE_MISSING = "price_missing"
    """There is no price for a managed asset [asset]."""
    PRICE_STALE = "price_stale"
    """A price was left out for its age [venue, symbol, age_seconds, limit_seconds]."""
    PRICE_DEVIATES = "price_deviates"
    """A price was left out for its distance from the median [venue, symbol, price, median, limit]."""
    BOOK_CROSSED = "book_crossed"
    """A book's best bid is not below its best ask: it was left out [venue, symbol]."""
    BOOK_ONE_SIDED = "book_one_sided"
    """A book lacks bids or asks, so that it has no mid: it was left out [venue, symbol]."""
    UNPRICED_ASSET = "unpriced_asset"
    """An unmanaged asset has no price and is left out of the total [venue, asset, quantity]."""
    NOTHING_HELD = "nothing_held"
    """The managed portfolio is worth nothing."""
    LOCKED_IN_ORDERS = "locked_in_orders"
    """Part of a holding lies in open orders and is not traded [venue, asset, quantity]."""

    KEPT_ELSEWHERE = "kept_elsewhere"
    """Part of a holding is a reserve, staked, lent, in another account, on its way or only watched: to use it, move it
    by hand [venue, asset, quantity]."""

    # Why a leg is there.
    OVERWEIGHT = "overweight"
    """Above its destination [name, weight, target, destination, gap]."""
    UNDERWEIGHT = "underweight"
    """Below its destination [name, weight, target, destination, gap]."""
    UNMANAGED_SOLD = "unmanaged_sold"
    """Not in the targets, and the policy says to sell [asset]."""
    HELD_HERE = "held_here"
    """The venue holds so much of it [venue, asset, free]."""
    CASH_HERE = "cash_here"
    """The venue has the cash for it, its own sales included [venue, asset, available]."""
    ON_THE_WAY = "on_the_way"
    """It turns what the venue has into what it needs: another leg pays with it, or another name lacks it
    [venue, spent, brought]."""

    # Why a leg is smaller than wished, or not there.
    BELOW_MIN_TRADE = "below_min_trade"
    """Under the policy's minimum trade [notional, minimum]."""
    BELOW_VENUE_MINIMUM = "below_venue_minimum"
    """Under the venue's minimum [notional, minimum, quantity, min_amount]."""
    COST_OVER_LIMIT = "cost_over_limit"
    """It would cost more than the policy allows [cost_bps, limit_bps]."""
    BOOK_TOO_THIN = "book_too_thin"
    """The book near its best price holds too little for it [depth, needed, depth_bps]."""
    NO_MARKET = "no_market"
    """No venue that holds what is needed has a market for it [asset]."""
    CASH_ELSEWHERE = "cash_elsewhere"
    """The venues with a market for it lack the cash; a transfer would be needed [name, missing]."""

    # What happened on the way.
    PRICE_OUTSIDE_BOUND = "price_outside_bound"
    """The market is beyond the approved bound: it is waited for, not chased [best, bound]."""
    FUNDS_SHORT = "funds_short"
    """The venue has less to spend than planned [asset, available, needed]."""
    REJECTED_BY_VENUE = "rejected_by_venue"
    """The venue refused the order [code, message]."""
    TIME_OVER = "time_over"
    """The plan's time was over before it was filled [deadline]."""
    STOPPED_BY_PERSON = "stopped_by_person"
    """A person stopped the plan [by]."""
    VENUE_SILENT = "venue_silent"
    """The venue did not answer in time [venue, problem]."""
    ORDERS_HELD_UP = "orders_held_up"
    """An order could not be sent, or its fate not be asked for; it is tried again [venue, problem]."""
    MARKET_MOVED = "market_moved"
    """Cost or price moved more than the approval tolerates [leg, moved_bps, tolerance_bps]."""
    HOLDINGS_CHANGED = "holdings_changed"
    """The plan no longer fits what is held [leg]."""
    DEFECT = "defect"
    """The program met a case that it does not know; nothing more is sent until a person decides [error]."""
    LATE_FILL = "late_fill"
    """A fill arrived for an order that was closed [order, quantity]."""
    TOO_LITTLE_LEFT = "too_little_left"
    """What is left is under the venue's minimum [quantity, minimum]."""

    # Why a venue is degraded or halted. A list of names is one operand, with commas.
    HEALTH_CALLS_FAIL = "health_calls_fail"
    """Too many of the last calls to it failed [venue, failed, looked_at, fault]: the commonest kind of failure."""
    HEALTH_OWN_CONNECTION = "health_own_connection"
    """Calls to every venue fail: it is more likely our own connection than all of them [venue, failed, looked_at]."""
    HEALTH_SLOW = "health_slow"
    """Its slowest answers take too long [venue, p95_seconds, usual_seconds, limit_seconds]."""
    HEALTH_CLOCK_OFF = "health_clock_off"
    """Its clock and ours differ by too much; above zero where it is ahead [venue, skew_seconds, limit_seconds]."""
    HEALTH_NOT_ONLINE = "health_not_online"
    """It says itself that it is not in service [venue, status, since]."""
    HEALTH_BOOKS_UNUSABLE = "health_books_unusable"
    """Most of its books are crossed, one-sided, too old or stand still [venue, unusable, markets]."""
    HEALTH_WITHDRAWALS_CLOSED = "health_withdrawals_closed"
    """Coins that are held there cannot be withdrawn [venue, assets, since]."""
    HEALTH_DEPOSITS_CLOSED = "health_deposits_closed"
    """Coins that are held there cannot be deposited [venue, assets, since]."""
    HEALTH_WITHDRAWAL_PENDING = "health_withdrawal_pending"
    """A withdrawal has been on its way for too long [venue, since, age_seconds]."""
    HEALTH_KEY_UNUSABLE = "health_key_unusable"
    """The key cannot be used any more [venue, problem]."""
    HEALTH_KEY_GAINED_RIGHTS = "health_key_gained_rights"
    """The key may do more than it might at first, or may move assets out [venue, rights]."""
    HEALTH_PRICE_OFF = "health_price_off"
    """Most of its prices are away from those of the other venues [venue, deviation, limit, witnesses, since]."""
    HEALTH_BALANCE_DROPPED = "health_balance_dropped"
    """Much of what lies there is gone, and nobody has said why [venue, share, since]."""
    HEALTH_RECOVERING = "health_recovering"
    """Nothing is wrong any more: it is healthy again if that lasts [venue, until]."""
    HEALTH_AWAITS_PERSON = "health_awaits_person"
    """It was halted, and stays so until a person resumes it [venue, since]."""
    HEALTH_BLIND = "health_blind"
    """The venue does not tell these, so that nothing can be read from them [venue, signals]."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its operands, in the order of their names."""

    code: ReasonCode
    operands: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """An operand's text; empty where it has none of that name."""
        return dict(self.operands).get(name, "")


def reason(code: ReasonCode, /, **operands: Decimal | datetime | str | int) -> Reason:
    """Make a reason. Decimals become plain text and instants ISO 8601; an operand may be named `code` too."""
    return Reason(code, tuple((name, _text(operands[name])) for name in sorted(operands)))


def _text(value: Decimal | datetime | str | int) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return instant_text(value)
    return str(value)
