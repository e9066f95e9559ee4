"""What people ask and say to the guards."""

from __future__ import annotations

from typing import Final

from bot.chat.guard_payloads import GuardPress, GuardVerb, ResumePress
from bot.chat.message import Message
from bot.chat.render import replies, risk, venues
from bot.chat.services import Ask, ChatServices, Replies
from engine.api import Person, Said
from engine.model.guards import Rule

HOW: Final = "write /risk, /risk rearm BTC, /risk sign stop_loss or /risk unsign stop_loss"


class GuardTalk:
    """Takes what people ask and say about risk."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._engine = services.engine

    async def risk(self, ask: Ask) -> Replies:
        """/risk: every guard. With words: arm one again, or let one act."""
        if not ask.words:
            return (risk.guards(await self._engine.guards.view(), self._services.frame),)
        press = _meant(ask.words)
        if press is None:
            return (replies.failed("That", "the words were not understood", HOW),)
        return (Message(await self.press(press, ask.person)),)

    async def venues(self, ask: Ask) -> Replies:
        """/venues: every venue. With words: let a halted one be used again."""
        if not ask.words:
            return (venues.venues((await self._engine.guards.view()).venues, self._services.frame),)
        known = {str(venue).lower(): venue for venue in self._services.venues}
        meant = known.get(ask.words[-1].lower())
        if ask.words[0].lower() != "resume" or meant is None:
            named = ", ".join(known.values())
            return (replies.failed("That", "the words were not understood", f"write /venues resume NAME: {named}"),)
        return (Message(await self.press(ResumePress(meant), ask.person)),)

    async def press(self, press: GuardPress | ResumePress, person: Person) -> str:
        """Do what a person tells a guard; what became of it, in one sentence."""
        desk = self._engine.guards
        if isinstance(press, ResumePress):
            return risk.said_of_venue(await desk.resume_venue(press.venue, person), press.venue)
        match press.verb:
            case GuardVerb.REARM:
                said: Said = await desk.rearm(press.rule, press.subject, person)
            case GuardVerb.SIGN:
                said = await desk.sign(press.rule, person)
            case GuardVerb.UNSIGN:
                said = await desk.unsign(press.rule, person)
        return risk.said(said, press)


def _meant(words: tuple[str, ...]) -> GuardPress | None:
    """`rearm BTC`, `rearm depeg USDC`, `sign stop_loss`."""
    verb, rest = words[0].lower(), words[1:]
    if verb not in set(GuardVerb) or not rest:
        return None
    rule = rest[0].lower().replace("-", "_")
    if rule in set(Rule):
        return GuardPress(GuardVerb(verb), Rule(rule), rest[1].upper() if len(rest) > 1 else "")
    if verb == GuardVerb.REARM:
        return GuardPress(GuardVerb.REARM, Rule.STOP_LOSS, rest[0].upper())
    return None
