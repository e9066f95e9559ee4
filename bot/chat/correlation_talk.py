"""What people ask of how their coins move together: a picture with its figures, or the figures alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.chat.message import OutgoingFile
from bot.chat.render import correlations
from bot.chat.render.heat_map import LEAST_ASSETS, Look, NoPictures, heat_map
from bot.chat.services import Ask, ChatServices, Replies
from engine.api import moving_together


class CorrelationTalk:
    """Takes what people ask of correlations."""

    def __init__(self, services: ChatServices) -> None:
        self._engine = services.engine

    async def correlation(self, ask: Ask) -> Replies:
        """/correlation [dark]: the heat map with what stands out of it."""
        decision = await self._engine.look()
        policy = decision.inputs.policy
        found = moving_together(decision.inputs.history, policy, decision.inputs.now)
        if found is None or not found.pairs:
            return (correlations.nothing_to_compare(found, policy.guards.correlation),)
        told = correlations.caption(found, policy.guards.correlation)
        if len(found.assets) < LEAST_ASSETS:
            return (told,)
        look = Look.DARK if Look.DARK in ask.words else Look.LIGHT
        try:
            # The first picture takes a second, in which everything else goes on.
            picture = await asyncio.to_thread(heat_map, found, look)
        except NoPictures as error:
            return (correlations.in_words(told, found, str(error)),)
        return (replace(told, file=OutgoingFile("correlations.png", picture, "image/png", is_picture=True)),)
