"""What the bot says of itself: commands by scope and language, name, descriptions, menu button."""

import re
from typing import Any

from bot.sandbox.telegram.feed import Feed
from bot.sandbox.telegram.wire import Wire, bad_request

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
)
ScopeKey = tuple[str, int | None, int | None]


def scope_key(scope: Any) -> ScopeKey:
    """A BotCommandScope as a key. Raises ApiError 400 for an unknown kind."""
    if scope is None:
        return ("default", None, None)
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    return (kind, scope.get("chat_id"), scope.get("user_id"))


class BotProfile:
    """The bot's own settings."""

    def __init__(self, feed: Feed, name: str) -> None:
        self.texts = {"name": name, "description": "", "short_description": ""}
        self.menu_button: Wire = {"type": "commands"}
        self._feed = feed
        self._commands: dict[tuple[ScopeKey, str], list[Wire]] = {}

    def set_commands(self, commands: Any, scope: ScopeKey, language: str) -> None:
        """Register commands for a scope. Raises ApiError 400 for names or descriptions out of bounds."""
        if not isinstance(commands, list):
            raise bad_request("can't parse commands JSON object")
        if len(commands) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not _COMMAND.fullmatch(str(command.get("command", ""))):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._commands[scope, language] = commands
        self._feed.publish("commands")

    def delete_commands(self, scope: ScopeKey, language: str) -> None:
        """Forget the commands of a scope."""
        self._commands.pop((scope, language), None)
        self._feed.publish("commands")

    def commands(self, scope: ScopeKey, language: str) -> list[Wire]:
        """Exactly what was registered for the scope and language."""
        return self._commands.get((scope, language), [])

    def commands_in(self, chat_id: int, user_id: int, language: str) -> list[Wire]:
        """What a person sees in a chat: the narrowest scope that has commands wins."""
        kind = "all_private_chats" if chat_id > 0 else "all_group_chats"
        for scope in (
            ("chat_member", chat_id, user_id),
            ("chat", chat_id, None),
            (kind, None, None),
            ("default", None, None),
        ):
            for spoken in (language, ""):
                if (scope, spoken) in self._commands:
                    return self._commands[scope, spoken]
        return []
