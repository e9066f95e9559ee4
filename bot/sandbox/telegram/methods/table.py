"""Which Bot API methods there are. Names are compared in lower case, as the real server does."""

from collections.abc import Callable

from bot.sandbox.telegram.calls import ApiCall
from bot.sandbox.telegram.methods import chats, editing, sending
from bot.sandbox.telegram.state import TelegramState

Method = Callable[[TelegramState, ApiCall], object]

GET_UPDATES = "getupdates"

METHODS: dict[str, Method] = {
    "getme": chats.get_me,
    "deletewebhook": chats.delete_webhook,
    "getwebhookinfo": chats.get_webhook_info,
    "getchat": chats.get_chat,
    "getchatmember": chats.get_chat_member,
    "sendchataction": chats.send_chat_action,
    "answercallbackquery": chats.answer_callback_query,
    "getfile": chats.get_file,
    "setmycommands": chats.set_my_commands,
    "getmycommands": chats.get_my_commands,
    "deletemycommands": chats.delete_my_commands,
    "setmyname": chats.set_my_text,
    "getmyname": chats.get_my_text,
    "setmydescription": chats.set_my_text,
    "getmydescription": chats.get_my_text,
    "setmyshortdescription": chats.set_my_text,
    "getmyshortdescription": chats.get_my_text,
    "setchatmenubutton": chats.set_chat_menu_button,
    "getchatmenubutton": chats.get_chat_menu_button,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendmediagroup": sending.send_media_group,
    "sendmessagedraft": sending.send_message_draft,
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "editmessagemedia": editing.edit_message_media,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "pinchatmessage": editing.pin_chat_message,
    "unpinchatmessage": editing.unpin_chat_message,
    "unpinallchatmessages": editing.unpin_all_chat_messages,
    "setmessagereaction": editing.set_message_reaction,
}
