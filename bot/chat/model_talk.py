"""What people ask and say about targets that follow the market."""

from __future__ import annotations

from bot.chat.model_payloads import TargetsPress, TargetsVerb
from bot.chat.render import targets
from bot.chat.services import Ask, ChatServices, Replies
from engine.api import Person


class ModelTalk:
    """Takes what people ask and say about targets that follow the market."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._engine = services.engine

    async def models(self, _: Ask) -> Replies:
        """/models: what the model says now, its bounds and stance, and its record."""
        decision = await self._engine.look()
        record = await self._engine.models.record()
        asked = decision.inputs.standing.models.asked
        model = self._engine.settings.policy.model
        return (targets.models(decision.outcome.model, model, record, asked, self._services.frame),)

    async def press(self, press: TargetsPress, person: Person) -> str:
        """What became of a press on a proposal. Its card is the outbox's to change."""
        desk = self._engine.models
        is_adopted = press.verb is TargetsVerb.ADOPT
        said = await (desk.adopt if is_adopted else desk.keep)(press.change, person)
        return targets.answer(said, self._services.frame)
