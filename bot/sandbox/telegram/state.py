"""Everything the sandbox Telegram knows, in one bundle that the Bot API methods and the control face share."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.telegram.callbacks import PressDesk
from bot.sandbox.telegram.calls import ApiCall
from bot.sandbox.telegram.faults import FaultScript
from bot.sandbox.telegram.feed import Feed
from bot.sandbox.telegram.files import FileShelf
from bot.sandbox.telegram.menu import BotProfile
from bot.sandbox.telegram.messages import MessageStore
from bot.sandbox.telegram.pace import Pace
from bot.sandbox.telegram.people import Directory, Person
from bot.sandbox.telegram.pins import Pins
from bot.sandbox.telegram.updates import UpdateQueue
from bot.sandbox.telegram.waiting_cards import WaitingCards
from bot.sandbox.telegram.wire import Wire


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """How the sandbox Telegram behaves. Times in seconds; no message limit means none is enforced."""

    bot_name: str = "Equipoise"
    bot_username: str = "equipoise_sandbox_bot"
    query_timeout: float = 60.0
    messages_per_second: float | None = None
    people: list[Person] | None = None


@dataclass(slots=True)
class ChatInput:
    """What the bot asked the person's text box for: a forced reply, or a reply keyboard."""

    force_reply_to: int | None = None
    placeholder: str = ""
    keyboard: list[list[str]] = field(default_factory=list)


class TelegramState:
    """The parts of the sandbox Telegram."""

    def __init__(self, token: str, settings: TelegramSettings, wall: Callable[[], float] = time.time) -> None:
        self.token = token
        self.settings = settings
        self.wall = wall
        self.feed = Feed()
        self.faults = FaultScript(self.feed)
        self.people = Directory(settings.people)
        self.pins = Pins(self.feed)
        self.cards = WaitingCards()
        self.messages = MessageStore(self.feed, self.pins, self.cards)
        self.updates = UpdateQueue(self.feed, lambda: self.faults.outage)
        self.presses = PressDesk(self.feed, wall, settings.query_timeout)
        self.files = FileShelf()
        self.profile = BotProfile(self.feed, settings.bot_name)
        self.pace = Pace(wall, settings.messages_per_second)
        self.inputs: dict[int, ChatInput] = {}
        self.calls: deque[ApiCall] = deque(maxlen=2000)

    def bot_user(self) -> Wire:
        """The bot as a Bot API User."""
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": self.profile.texts["name"],
            "username": self.settings.bot_username,
        }

    def now(self) -> int:
        """Unix time of a message that is sent now, in whole seconds."""
        return int(self.wall())
