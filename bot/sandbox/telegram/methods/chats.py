"""The Bot API methods about the bot itself, chats, presses and files."""

from bot.sandbox.telegram.calls import ApiCall
from bot.sandbox.telegram.files import MAX_DOWNLOAD_BYTES
from bot.sandbox.telegram.menu import scope_key
from bot.sandbox.telegram.state import TelegramState
from bot.sandbox.telegram.wire import Wire, bad_request

_ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)
_TEXT_LIMITS = {"name": 64, "description": 512, "short_description": 120}


def get_me(state: TelegramState, _call: ApiCall) -> Wire:
    """getMe."""
    return {
        **state.bot_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def delete_webhook(state: TelegramState, call: ApiCall) -> bool:
    """deleteWebhook; there is none, but waiting updates may be dropped."""
    if call.flag("drop_pending_updates"):
        state.updates.forget_all()
    return True


def get_webhook_info(state: TelegramState, _call: ApiCall) -> Wire:
    """getWebhookInfo: none is set."""
    return {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(state.updates.pending),
    }


def get_chat(state: TelegramState, call: ApiCall) -> Wire:
    """getChat."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return {
        **state.people.chat(call.chat_id()),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def get_chat_member(state: TelegramState, call: ApiCall) -> Wire:
    """getChatMember: the people of a group, and the bot as its plain member."""
    chat = state.people.chat(call.chat_id())
    user_id = call.integer("user_id")
    if user_id == state.bot_user()["id"]:
        return {"status": "member", "user": state.bot_user()}
    group = state.people.groups.get(chat["id"])
    person = state.people.people.get(user_id or 0)
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    inside = person.id in group.members if group else person.id == chat["id"]
    return {"status": "member" if inside else "left", "user": person.user()}


def send_chat_action(state: TelegramState, call: ApiCall) -> bool:
    """sendChatAction: "typing…" in the header for a few seconds."""
    chat = state.people.writable_chat(call.chat_id())
    action = call.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    state.feed.publish("action", chat["id"], action=action)
    return True


def answer_callback_query(state: TelegramState, call: ApiCall) -> bool:
    """answerCallbackQuery."""
    state.presses.answer(call.text("callback_query_id") or "", call.text("text"), call.flag("show_alert"))
    return True


def get_file(state: TelegramState, call: ApiCall) -> Wire:
    """getFile."""
    stored = state.files.find(call.text("file_id") or "")
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.upload.content) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**stored.wire(), "file_path": stored.path}


def set_my_commands(state: TelegramState, call: ApiCall) -> bool:
    """setMyCommands."""
    scope = scope_key(call.structure("scope"))
    state.profile.set_commands(call.structure("commands"), scope, call.text("language_code") or "")
    return True


def get_my_commands(state: TelegramState, call: ApiCall) -> list[Wire]:
    """getMyCommands."""
    return state.profile.commands(scope_key(call.structure("scope")), call.text("language_code") or "")


def delete_my_commands(state: TelegramState, call: ApiCall) -> bool:
    """deleteMyCommands."""
    state.profile.delete_commands(scope_key(call.structure("scope")), call.text("language_code") or "")
    return True


def _text_name(call: ApiCall) -> str:
    words = {"name": "name", "description": "description", "shortdescription": "short_description"}
    return words[call.method.lower()[len("setmy") :]]


def set_my_text(state: TelegramState, call: ApiCall) -> bool:
    """setMyName, setMyDescription and setMyShortDescription."""
    name = _text_name(call)
    text = call.text(name) or ""
    if len(text) > _TEXT_LIMITS[name]:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    state.profile.texts[name] = text or ("" if name != "name" else state.settings.bot_name)
    state.feed.publish("profile")
    return True


def get_my_text(state: TelegramState, call: ApiCall) -> Wire:
    """getMyName, getMyDescription and getMyShortDescription."""
    name = _text_name(call)
    return {name: state.profile.texts[name]}


def set_chat_menu_button(state: TelegramState, call: ApiCall) -> bool:
    """setChatMenuButton, one for all chats."""
    button = call.structure("menu_button") or {"type": "default"}
    if button.get("type") not in ("commands", "default", "web_app"):
        raise bad_request("can't parse menu button: unsupported type specified")
    state.profile.menu_button = button
    return True


def get_chat_menu_button(state: TelegramState, _call: ApiCall) -> Wire:
    """getChatMenuButton."""
    return state.profile.menu_button
