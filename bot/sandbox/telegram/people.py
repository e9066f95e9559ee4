"""Who is in the sandbox: people, groups, and whether the bot may write to them."""

from dataclasses import dataclass, field

from bot.sandbox.telegram.wire import ApiError, Wire, bad_request


@dataclass(slots=True)
class Person:
    """A user. `started` turns true with the first message to the bot; only then may the bot write."""

    id: int
    first_name: str
    username: str
    language_code: str = "en"
    started: bool = False
    blocked: bool = False

    def user(self) -> Wire:
        """The person as a Bot API User."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "username": self.username,
            "language_code": self.language_code,
        }

    def chat(self) -> Wire:
        """The private chat with this person."""
        return {
            "id": self.id,
            "type": "private",
            "first_name": self.first_name,
            "username": self.username,
        }


@dataclass(slots=True)
class Group:
    """A supergroup that the bot is a member of."""

    id: int
    title: str
    members: set[int] = field(default_factory=set)

    def chat(self) -> Wire:
        """The group as a Bot API Chat."""
        return {"id": self.id, "type": "supergroup", "title": self.title}


ADA, BEN, MALLORY = 1001, 1002, 1003
TREASURY = -1002000000001


def default_people() -> list[Person]:
    """Ada, who is to own the bot; Ben, her colleague; Mallory, a stranger."""
    return [Person(ADA, "Ada", "ada"), Person(BEN, "Ben", "ben"), Person(MALLORY, "Mallory", "mallory")]


class Directory:
    """People and groups by their ids."""

    def __init__(self, people: list[Person] | None = None) -> None:
        self.people = {person.id: person for person in people or default_people()}
        self.groups = {TREASURY: Group(TREASURY, "Treasury", {ADA, BEN})}

    def person(self, user_id: int) -> Person:
        """Raises LookupError for an unknown id."""
        if user_id not in self.people:
            raise LookupError(f"no such user in the sandbox: {user_id}")
        return self.people[user_id]

    def chat(self, chat_id: int | str | None) -> Wire:
        """A chat that exists, as the Bot API shows it. Raises ApiError 400 "chat not found"."""
        if chat_id in self.groups:
            return self.groups[int(chat_id)].chat()
        if chat_id in self.people:
            return self.people[int(chat_id)].chat()
        raise bad_request("chat_id is empty" if chat_id in (None, "") else "chat not found")

    def writable_chat(self, chat_id: int | str | None) -> Wire:
        """A chat the bot may write to. Raises ApiError 400 or 403 with Telegram's words."""
        chat = self.chat(chat_id)
        person = self.people.get(chat["id"])
        if person is not None and person.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if person is not None and not person.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat
