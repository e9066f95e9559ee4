"""What a person sees in a chat, for tests that read it and for the page that draws it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sandbox.telegram.formatted_text import to_html
from bot.sandbox.telegram.messages import StoredMessage
from bot.sandbox.telegram.state import ChatInput, TelegramState
from bot.sandbox.telegram.wire import Wire


@dataclass(frozen=True, slots=True)
class ScreenMessage:
    """One bubble. `text` is the text or the caption; `html` the same with its formatting."""

    id: int
    sender: str
    from_bot: bool
    text: str
    html: str
    at: datetime
    labels: tuple[tuple[str, ...], ...] = ()
    photo: str | None = None
    document: str | None = None
    """The name of the file, "" for one without."""
    content: bytes | None = field(default=None, repr=False)
    """What is in the file."""
    edited: bool = False
    pinned: bool = False
    silent: bool = False
    reply_to: int | None = None
    reactions: tuple[str, ...] = ()

    def __str__(self) -> str:
        marks = "".join(f" [{' | '.join(row)}]" for row in self.labels)
        document = "" if self.document is None else f"({self.document or 'document'}) "
        media = "(photo) " if self.photo else document
        return f"#{self.id} {self.sender}: {media}{self.text}{marks}"


def read_message(state: TelegramState, message: StoredMessage) -> ScreenMessage:
    """A stored message as a person sees it."""
    wire = message.wire
    text: str = wire.get("text") or wire.get("caption") or ""
    entities: list[Wire] = wire.get("entities") or wire.get("caption_entities") or []
    rows = wire.get("reply_markup", {}).get("inline_keyboard", [])
    return ScreenMessage(
        id=wire["message_id"],
        sender=wire["from"]["first_name"],
        from_bot=message.from_bot,
        text=text,
        html=to_html(text, entities),
        at=datetime.fromtimestamp(wire["date"], UTC),
        labels=tuple(tuple(button["text"] for button in row) for row in rows),
        photo=wire["photo"][-1]["file_id"] if "photo" in wire else None,
        document=wire["document"].get("file_name", "") if "document" in wire else None,
        content=_content(state, wire["document"]["file_id"]) if "document" in wire else None,
        edited=message.text_edited,
        pinned=wire["message_id"] in state.pins.in_chat(wire["chat"]["id"]),
        silent=message.silent,
        reply_to=wire.get("reply_to_message", {}).get("message_id"),
        reactions=tuple(message.reactions),
    )


def _content(state: TelegramState, file_id: str) -> bytes | None:
    stored = state.files.find(file_id)
    return stored.upload.content if stored else None


def read_screen(state: TelegramState, chat_id: int) -> list[ScreenMessage]:
    """Every message of the chat, oldest first."""
    return [read_message(state, message) for message in state.messages.in_chat(chat_id)]


def message_wire(message: StoredMessage, html: str) -> Wire:
    """A message for the page: the Bot API object, and beside it what only a screen shows."""
    return {
        **message.wire,
        "_html": html,
        "_edited": message.text_edited,
        "_silent": message.silent,
        "_reactions": message.reactions,
    }


def screen_wire(state: TelegramState, user_id: int, chat_id: int) -> Wire:
    """The whole screen of one person in one chat as JSON."""
    person = state.people.person(user_id)
    asked = state.inputs.get(chat_id, ChatInput())
    pins = state.pins.in_chat(chat_id)
    return {
        "seq": state.feed.seq,
        "user": person.user(),
        "chat": state.people.chat(chat_id),
        "bot": state.bot_user(),
        "about": dict(state.profile.texts),
        "started": person.started,
        "blocked": person.blocked,
        "outage": state.faults.outage,
        "commands": state.profile.commands_in(chat_id, user_id, person.language_code),
        "pinned": pins[-1] if pins else None,
        "input": {
            "force_reply_to": asked.force_reply_to,
            "placeholder": asked.placeholder,
            "keyboard": asked.keyboard,
        },
        "messages": [
            message_wire(message, read_message(state, message).html) for message in state.messages.in_chat(chat_id)
        ],
    }
