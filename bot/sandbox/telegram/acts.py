"""What people do in the sandbox chat: write, press buttons, block the bot; each becomes an update."""

from bot.sandbox.telegram.callbacks import Press
from bot.sandbox.telegram.files import Upload
from bot.sandbox.telegram.formatted_text import format_text
from bot.sandbox.telegram.messages import StoredMessage
from bot.sandbox.telegram.methods.sending import MAX_CAPTION, MAX_TEXT, caption_fields, quoted
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import TelegramState
from bot.sandbox.telegram.utf16 import utf16_length
from bot.sandbox.telegram.wire import Wire


class PersonsActs:
    """Acts raise LookupError for people, messages and buttons that are not there, ValueError for bad input."""

    def __init__(self, state: TelegramState) -> None:
        self._state = state

    def send(self, text: str, user_id: int, chat_id: int | None = None, reply_to: int | None = None) -> Wire:
        """Write a text to the bot, or into a group; the message as posted."""
        if not text.strip():
            raise ValueError("text: must not be empty")
        if utf16_length(text) > MAX_TEXT:
            raise ValueError(f"text: at most {MAX_TEXT} characters")
        formatted = format_text(text, None)
        content: Wire = {"text": formatted.text}
        if formatted.entities:
            content["entities"] = formatted.entities
        return self._post(content, user_id, chat_id, reply_to)

    def send_document(
        self, upload: Upload, user_id: int, caption: str = "", chat_id: int | None = None, reply_to: int | None = None
    ) -> Wire:
        """Send a file to the bot, or into a group; the message as posted."""
        if utf16_length(caption) > MAX_CAPTION:
            raise ValueError(f"caption: at most {MAX_CAPTION} characters")
        content: Wire = {"document": self._state.files.add_document(upload), **caption_fields(caption, None, None)}
        return self._post(content, user_id, chat_id, reply_to)

    def press(self, user_id: int, chat_id: int, message_id: int | None, label: str | None, data: str | None) -> Press:
        """Press the button with this label or this data, on the newest message that has it or on the given one."""
        self._state.people.person(user_id)
        for message in reversed(self._state.messages.in_chat(chat_id)):
            if message_id not in (None, message.key[1]):
                continue
            button = _find_button(message, label, data)
            if button is not None:
                return self._press(user_id, message, str(button["callback_data"]))
        what = label if data is None else data
        raise LookupError(f"no button {what!r} in chat {chat_id}")

    def set_blocked(self, user_id: int, blocked: bool) -> None:
        """Block the bot, or let it write again."""
        person = self._state.people.person(user_id)
        if person.blocked == blocked:
            return
        person.blocked = blocked
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        self._state.updates.push(
            "my_chat_member",
            {
                "chat": person.chat(),
                "from": person.user(),
                "date": self._state.now(),
                "old_chat_member": self._membership(before),
                "new_chat_member": self._membership(after),
            },
        )
        self._state.feed.publish("blocked", person.id)

    def _membership(self, status: str) -> Wire:
        member: Wire = {"status": status, "user": self._state.bot_user()}
        return {**member, "until_date": 0} if status == "kicked" else member

    def _post(self, content: Wire, user_id: int, chat_id: int | None, reply_to: int | None) -> Wire:
        person = self._state.people.person(user_id)
        chat = self._chat(person, user_id if chat_id is None else chat_id)
        replied = self._state.messages.find(chat["id"], reply_to) if reply_to else None
        wire: Wire = {
            "message_id": self._state.messages.next_id(),
            "from": person.user(),
            "chat": chat,
            "date": self._state.now(),
            **({"reply_to_message": quoted(replied)} if replied else {}),
            **content,
        }
        asked = self._state.inputs.get(chat["id"])
        if asked is not None:
            asked.force_reply_to, asked.placeholder = None, ""
        self._state.messages.put(StoredMessage(wire))
        if self._reaches_bot(wire):
            self._state.updates.push("message", wire)
        return wire

    def _chat(self, person: Person, chat_id: int) -> Wire:
        if chat_id == person.id:
            self.set_blocked(person.id, False)
            person.started = True
            return person.chat()
        group = self._state.people.groups.get(chat_id)
        if group is None or person.id not in group.members:
            raise LookupError(f"{person.first_name} is not in chat {chat_id}")
        return group.chat()

    def _reaches_bot(self, wire: Wire) -> bool:
        """In groups a bot with privacy mode sees commands, replies to itself and mentions of its name."""
        if wire["chat"]["type"] == "private":
            return True
        username = "@" + self._state.settings.bot_username
        text = wire.get("text") or wire.get("caption") or ""
        if text.startswith("/"):
            command = text.split()[0]
            return "@" not in command or command.lower().endswith(username.lower())
        replied = wire.get("reply_to_message", {}).get("from", {})
        return bool(replied.get("is_bot")) or username.lower() in text.lower()

    def _press(self, user_id: int, message: StoredMessage, data: str) -> Press:
        person = self._state.people.person(user_id)
        chat_id, message_id = message.key
        press = self._state.presses.press(user_id, chat_id, message_id, data)
        self._state.updates.push(
            "callback_query",
            {
                "id": press.query_id,
                "from": person.user(),
                "message": message.wire,
                "chat_instance": str(7_000_000_000_000 + abs(chat_id)),
                "data": data,
            },
        )
        return press


def _find_button(message: StoredMessage, label: str | None, data: str | None) -> Wire | None:
    for button in message.buttons:
        if "callback_data" not in button:
            continue
        if data is not None and button["callback_data"] == data:
            return button
        if data is None and label is not None and label in button["text"]:
            return button
    return None
