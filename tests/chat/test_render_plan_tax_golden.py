"""Golden files of what a plan says of tax: gains and estimate on the card, the lots among the reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.chat.render.harvest import harvest_suggested
from bot.chat.render.plan_card import plan_card
from bot.chat.render.splitting import fits
from bot.chat.render.why import why_plan
from engine.model.ids import Asset, LegId, VenueName
from engine.model.lots import LotMethod, Term
from engine.model.money import Money, Quantity
from engine.model.plan import Leg
from engine.model.plan_tax import Harvest, LegLot, LegTax, MethodOutcome, Rebuy, SoonLong
from tests.chat import builders as a
from tests.chat.golden_file import assert_golden

BTC = Asset("BTC")


def a_lot(name: str, bought: datetime | None, quantity: str, cost: str, gain: str, term: Term = Term.SHORT) -> LegLot:
    amounts = Quantity(Decimal(quantity)), Money(Decimal(cost)), Money(Decimal(gain))
    return LegLot(name, bought, *amounts, term, is_known=bool(name))


def outcome(method: LotMethod, short: str, long: str, tax: str | None) -> MethodOutcome:
    return MethodOutcome(
        method, Money(Decimal(short)), Money(Decimal(long)), None if tax is None else Money(Decimal(tax))
    )


OLD = a_lot("kraken:7:in", datetime(2025, 12, 20, tzinfo=UTC), "0.03", "1200", "610.5")
YOUNG = a_lot("kraken:9:in", datetime(2026, 9, 1, tzinfo=UTC), "0.02", "1360.25", "-152.75")
UNKNOWN = a_lot("", None, "0.01", "0", "603.5")
HIFO = outcome(LotMethod.HIFO, "457.75", "0", "169.37")


def sale(**changes: object) -> Leg:
    """The first leg of a plan as a sale of bitcoin with lots."""
    leg = replace(a.a_leg(), tax=LegTax(BTC, (YOUNG, OLD), HIFO))
    tax = changes.pop("tax", None)
    return replace(leg, **changes, tax=tax or leg.tax)  # type: ignore[arg-type]


def told(name: str, *legs: Leg) -> None:
    state = a.life(a.proposal(a.a_plan(legs)))
    assert_golden(f"card_tax_{name}", plan_card(state, a.a_frame(3), a.ONE_APPROVER))
    assert_golden(f"why_tax_{name}", *why_plan(state, a.a_frame(3)))


def test_a_sale_with_its_lots_and_the_other_methods() -> None:
    """HIFO, FIFO, least tax; what waiting three days would save; what is unknown, and what to do about it."""
    tax = LegTax(
        BTC,
        (YOUNG, OLD, UNKNOWN),
        HIFO,
        (outcome(LotMethod.FIFO, "610.5", "603.5", "346.59"), outcome(LotMethod.MIN_TAX, "-152.75", "610.5", "91.55")),
        (SoonLong(Quantity(Decimal("0.03")), date(2026, 12, 21), 3, Money(Decimal("103.79"))),),
    )
    told("everything", sale(tax=tax), *a.a_plan().legs[1:])


def test_a_sale_without_rates() -> None:
    """The gain is told, and why no tax is."""
    told("no_rates", sale(tax=LegTax(BTC, (OLD,), outcome(LotMethod.FIFO, "0", "610.5", None))))


def test_trades_that_the_law_may_look_at_together() -> None:
    """A sale at a loss soon after a purchase, and a purchase soon after a loss."""
    loss = LegTax(BTC, (YOUNG,), outcome(LotMethod.HIFO, "-152.75", "0", "-56.52"))
    bought = Rebuy(datetime(2025, 12, 20, 9, 30, tzinfo=UTC))
    lost = Rebuy(datetime(2025, 12, 22, 9, 30, tzinfo=UTC), Money(Decimal("12.5")))
    told("washes", sale(tax=loss, rebuy=bought), replace(a.a_plan().legs[1], rebuy=lost))
    told("bought_back", replace(a.a_plan().legs[1], rebuy=bought))


def test_losses_that_are_worth_realising() -> None:
    """What they save after all costs, and what is left for later."""

    def found(venue: str, asset: str, *amounts: str) -> Harvest:
        quantity, *money = map(Decimal, amounts)
        return Harvest(VenueName(venue), Asset(asset), Quantity(quantity), *map(Money, money))

    suggested = (
        found("kraken", "BTC", "0.25", "3200.5", "1184.19", "42.1", "6310"),
        found("binance", "SOL", "40", "450", "166.5", "18.75", "-120.4"),
    )
    assert_golden("harvest", harvest_suggested(suggested, a.a_frame()))


def test_a_card_with_tax_on_every_leg_fits_one_message() -> None:
    """However many there are, and with all that can be said of each."""
    soon = (SoonLong(Quantity(Decimal("1234.56789")), date(2026, 12, 5), 3, Money(Decimal("123456.78"))),)
    gains = outcome(LotMethod.HIFO, "-1234567.89", "2345678.90", "12345")
    others = (outcome(LotMethod.FIFO, "1", "2345678.90", "12345"), outcome(LotMethod.MIN_TAX, "2", "3", "4"))
    legs = []
    for number in range(60):
        asset = Asset(f"LONGNAME{number:02}")
        tax = LegTax(asset, (replace(YOUNG, is_known=False),), gains, others, soon)
        rebuy = Rebuy(datetime(2026, 11, 1, tzinfo=UTC), Money(Decimal(1)))
        legs.append(replace(sale(tax=tax, rebuy=rebuy), id=LegId(f"L{number}"), base=asset))
    card = plan_card(a.life(a.proposal(a.a_plan(legs))), a.a_frame(3), a.ONE_APPROVER)
    assert fits(card.html)
