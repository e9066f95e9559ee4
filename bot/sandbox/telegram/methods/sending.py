"""The Bot API methods that post something: messages, photos, documents, albums and drafts."""

from typing import Any

from bot.sandbox.telegram.calls import ApiCall
from bot.sandbox.telegram.files import Upload
from bot.sandbox.telegram.formatted_text import FormattedText, format_text
from bot.sandbox.telegram.keyboards import inline_keyboard
from bot.sandbox.telegram.messages import StoredMessage
from bot.sandbox.telegram.state import ChatInput, TelegramState
from bot.sandbox.telegram.wire import Wire, bad_request

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ALBUM = 10


def message_text(call: ApiCall) -> Wire:
    """`text` and `entities` of a text message. Raises ApiError 400 when empty, too long or broken."""
    raw = call.text("text")
    if not raw:
        raise bad_request("message text is empty")
    formatted = format_text(raw, call.text("parse_mode"), call.structure("entities"))
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if formatted.length > MAX_TEXT:
        raise bad_request("message is too long")
    return _fields(formatted, "text", "entities")


def caption_fields(caption: str | None, parse_mode: str | None, entities: Any) -> Wire:
    """`caption` and `caption_entities`, nothing for an empty one. Raises ApiError 400 when too long or broken."""
    formatted = format_text(caption or "", parse_mode, entities)
    if formatted.length > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return _fields(formatted, "caption", "caption_entities") if formatted.text else {}


def call_caption(call: ApiCall) -> Wire:
    """The caption parameters of a call."""
    return caption_fields(call.text("caption"), call.text("parse_mode"), call.structure("caption_entities"))


def _fields(formatted: FormattedText, text_name: str, entities_name: str) -> Wire:
    fields: Wire = {text_name: formatted.text}
    if formatted.entities:
        fields[entities_name] = formatted.entities
    return fields


def media_fields(state: TelegramState, call: ApiCall, kind: str, source: Any) -> Wire:
    """`photo` or `document` of a message, from an upload or from the id of a file sent before."""
    upload = _upload(call, kind, source)
    if upload is None:
        stored = state.files.find(source) if isinstance(source, str) else None
        if stored is None:
            raise bad_request(
                f"there is no {kind} in the request" if not source else "wrong file identifier/HTTP URL specified"
            )
        upload = stored.upload
    if kind == "photo":
        return {"photo": state.files.add_photo(upload)}
    return {"document": state.files.add_document(upload)}


def _upload(call: ApiCall, kind: str, source: Any) -> Upload | None:
    if isinstance(source, str) and source.startswith("attach://"):
        return call.uploads.get(source.removeprefix("attach://"))
    return call.uploads.get(kind) if not source else None


def post(state: TelegramState, call: ApiCall, content: Wire) -> Wire:
    """Put a message of the bot into the chat and return it. Raises ApiError for an unreachable chat."""
    chat = state.people.writable_chat(call.chat_id())
    markup = call.structure("reply_markup")
    keyboard = inline_keyboard(markup)
    replied = _replied_message(state, call, chat["id"])
    state.pace.spend(chat["id"])
    wire: Wire = {
        "message_id": state.messages.next_id(),
        "from": state.bot_user(),
        "chat": chat,
        "date": state.now(),
        **replied,
        **content,
    }
    if call.flag("protect_content"):
        wire["has_protected_content"] = True
    if keyboard:
        wire["reply_markup"] = keyboard
    elif isinstance(markup, dict):
        _ask_for_input(state, chat["id"], wire["message_id"], markup)
    state.messages.put(StoredMessage(wire, silent=call.flag("disable_notification")))
    return wire


def _replied_message(state: TelegramState, call: ApiCall, chat_id: int) -> Wire:
    reply = call.structure("reply_parameters") or {}
    message_id = reply.get("message_id") or call.integer("reply_to_message_id")
    if not message_id:
        return {}
    replied = state.messages.find(chat_id, int(message_id))
    if replied is not None:
        return {"reply_to_message": quoted(replied)}
    if reply.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def quoted(message: StoredMessage) -> Wire:
    """A message as it appears inside a reply to it: without what it replied to itself."""
    return {key: value for key, value in message.wire.items() if key != "reply_to_message"}


def _ask_for_input(state: TelegramState, chat_id: int, message_id: int, markup: Wire) -> None:
    asked = state.inputs.setdefault(chat_id, ChatInput())
    asked.placeholder = str(markup.get("input_field_placeholder", ""))
    if markup.get("force_reply"):
        asked.force_reply_to = message_id
    elif markup.get("remove_keyboard"):
        asked.keyboard = []
    elif isinstance(markup.get("keyboard"), list):
        asked.keyboard = [
            [button if isinstance(button, str) else str(button.get("text", "")) for button in row]
            for row in markup["keyboard"]
        ]


def send_message(state: TelegramState, call: ApiCall) -> Wire:
    """sendMessage."""
    state.people.writable_chat(call.chat_id())
    return post(state, call, message_text(call))


def send_photo(state: TelegramState, call: ApiCall) -> Wire:
    """sendPhoto."""
    return _send_media(state, call, "photo")


def send_document(state: TelegramState, call: ApiCall) -> Wire:
    """sendDocument."""
    return _send_media(state, call, "document")


def _send_media(state: TelegramState, call: ApiCall, kind: str) -> Wire:
    state.people.writable_chat(call.chat_id())
    caption = call_caption(call)
    return post(state, call, {**media_fields(state, call, kind, call.text(kind)), **caption})


def send_media_group(state: TelegramState, call: ApiCall) -> list[Wire]:
    """sendMediaGroup, for photos and documents."""
    state.people.writable_chat(call.chat_id())
    media = call.structure("media")
    if not isinstance(media, list) or not media:
        raise bad_request("there are no messages to send")
    if len(media) > MAX_ALBUM:
        raise bad_request("too many messages to send as an album")
    if len({item.get("type") for item in media}) > 1:
        raise bad_request("document can't be mixed with other media types")
    contents = [input_media(state, call, item) for item in media]
    album = str(state.messages.next_id() + 10**12)
    return [post(state, call, {**content, "media_group_id": album}) for content in contents]


def input_media(state: TelegramState, call: ApiCall, item: Any) -> Wire:
    """The content that an InputMedia describes. Raises ApiError 400 for kinds that the sandbox lacks."""
    kind = item.get("type") if isinstance(item, dict) else None
    if kind not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: unsupported type specified")
    caption = caption_fields(item.get("caption"), item.get("parse_mode"), item.get("caption_entities"))
    return {**media_fields(state, call, kind, item.get("media")), **caption}


def send_message_draft(state: TelegramState, call: ApiCall) -> bool:
    """sendMessageDraft: a text that is still being written, shown in a private chat for a short while."""
    chat = state.people.writable_chat(call.chat_id())
    if chat["type"] != "private":
        raise bad_request("message drafts can be sent only to private chats")
    if not call.integer("draft_id"):
        raise bad_request("invalid draft_id specified")
    formatted = format_text(call.text("text") or "", call.text("parse_mode"), call.structure("entities"))
    if formatted.length > MAX_TEXT:
        raise bad_request("message is too long")
    state.feed.publish("draft", chat["id"], text=formatted.text, entities=formatted.entities)
    return True
