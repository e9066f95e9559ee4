"""The Bot API methods that change or remove what is already in the chat."""

from bot.sandbox.telegram.calls import ApiCall
from bot.sandbox.telegram.keyboards import inline_keyboard
from bot.sandbox.telegram.messages import StoredMessage
from bot.sandbox.telegram.methods.sending import call_caption, input_media, message_text
from bot.sandbox.telegram.state import TelegramState
from bot.sandbox.telegram.wire import Wire, bad_request

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)
_CAPTION = ("caption", "caption_entities")


def _own_message(state: TelegramState, call: ApiCall) -> StoredMessage:
    chat = state.people.writable_chat(call.chat_id())
    message_id = call.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    message = state.messages.find(chat["id"], message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _replace(state: TelegramState, call: ApiCall, message: StoredMessage, drop: tuple[str, ...], content: Wire) -> Wire:
    keyboard = inline_keyboard(call.structure("reply_markup"))
    gone = (*drop, "reply_markup", "edit_date")
    wire = {key: value for key, value in message.wire.items() if key not in gone} | content
    if keyboard:
        wire["reply_markup"] = keyboard
    before = {key: value for key, value in message.wire.items() if key != "edit_date"}
    if wire == before:
        raise bad_request(NOT_MODIFIED)
    edited = message.text_edited or bool(drop)
    wire["edit_date"] = state.now()
    state.messages.put(StoredMessage(wire, message.silent, edited, message.reactions))
    return wire


def edit_message_text(state: TelegramState, call: ApiCall) -> Wire:
    """editMessageText."""
    message = _own_message(state, call)
    if "text" not in message.wire:
        raise bad_request("there is no text in the message to edit")
    return _replace(state, call, message, ("text", "entities"), message_text(call))


def edit_message_caption(state: TelegramState, call: ApiCall) -> Wire:
    """editMessageCaption."""
    message = _own_message(state, call)
    if "text" in message.wire:
        raise bad_request("there is no caption in the message to edit")
    return _replace(state, call, message, _CAPTION, call_caption(call))


def edit_message_reply_markup(state: TelegramState, call: ApiCall) -> Wire:
    """editMessageReplyMarkup; without markup the buttons go."""
    return _replace(state, call, _own_message(state, call), (), {})


def edit_message_media(state: TelegramState, call: ApiCall) -> Wire:
    """editMessageMedia, for photos and documents."""
    message = _own_message(state, call)
    content = input_media(state, call, call.structure("media"))
    return _replace(state, call, message, ("photo", "document", "text", "entities", *_CAPTION), content)


def delete_message(state: TelegramState, call: ApiCall) -> bool:
    """deleteMessage: the bot's own ones anywhere, and anything in a private chat."""
    chat = state.people.writable_chat(call.chat_id())
    message = state.messages.find(chat["id"], call.integer("message_id") or 0)
    if message is None:
        raise bad_request("message to delete not found")
    if not message.from_bot and chat["type"] != "private":
        raise bad_request("message can't be deleted")
    return state.messages.delete(*message.key)


def delete_messages(state: TelegramState, call: ApiCall) -> bool:
    """deleteMessages: those that are not there are skipped."""
    chat = state.people.writable_chat(call.chat_id())
    numbers = call.structure("message_ids")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
        raise bad_request("message identifiers are not specified")
    for number in numbers:
        state.messages.delete(chat["id"], int(number))
    return True


def pin_chat_message(state: TelegramState, call: ApiCall) -> bool:
    """pinChatMessage."""
    chat = state.people.writable_chat(call.chat_id())
    message = state.messages.find(chat["id"], call.integer("message_id") or 0)
    if message is None:
        raise bad_request("message to pin not found")
    state.pins.pin(*message.key)
    return True


def unpin_chat_message(state: TelegramState, call: ApiCall) -> bool:
    """unpinChatMessage; without an id the newest pin goes."""
    chat = state.people.writable_chat(call.chat_id())
    message_id = call.integer("message_id")
    if message_id is not None and message_id not in state.pins.in_chat(chat["id"]):
        raise bad_request("message to unpin not found")
    state.pins.unpin(chat["id"], message_id)
    return True


def unpin_all_chat_messages(state: TelegramState, call: ApiCall) -> bool:
    """unpinAllChatMessages."""
    state.pins.unpin_all(state.people.writable_chat(call.chat_id())["id"])
    return True


def set_message_reaction(state: TelegramState, call: ApiCall) -> bool:
    """setMessageReaction, for emoji; an empty list takes the reaction back."""
    chat = state.people.writable_chat(call.chat_id())
    message = state.messages.find(chat["id"], call.integer("message_id") or 0)
    if message is None:
        raise bad_request("message to react not found")
    reactions = call.structure("reaction") or []
    emoji = [str(reaction.get("emoji", "")) for reaction in reactions if reaction.get("type") == "emoji"]
    state.messages.put(StoredMessage(message.wire, message.silent, message.text_edited, emoji))
    return True
