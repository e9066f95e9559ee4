"""A message's text as Telegram keeps it: parsed, trimmed, with entities in order and the automatic ones found."""

import re
from dataclasses import dataclass

from bot.sandbox.telegram.html_markup import parse_html
from bot.sandbox.telegram.utf16 import utf16_length, utf16_slice
from bot.sandbox.telegram.wire import Wire, bad_request

MAX_ENTITIES = 100
_VERBATIM = ("pre", "code")
_AUTOMATIC = (
    ("url", re.compile(r"https?://[^\s<>]+[^\s<>.,:;!?)\]]")),
    ("bot_command", re.compile(r"(?<![\w/<>&.])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@./])@[A-Za-z][A-Za-z0-9_]{3,31}\b")),
    ("hashtag", re.compile(r"(?<![\w#/])#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
)


@dataclass(frozen=True, slots=True)
class FormattedText:
    """Plain text and its entities, sorted as Telegram returns them."""

    text: str
    entities: list[Wire]

    @property
    def length(self) -> int:
        """In UTF-16 code units, the measure of every limit."""
        return utf16_length(self.text)


def format_text(text: str, parse_mode: str | None, entities: list[Wire] | None = None) -> FormattedText:
    """Text that a bot or a person sends. Raises ApiError for unknown parse modes and for broken markup."""
    mode = (parse_mode or "").lower()
    if mode == "html":
        text, found = parse_html(text)
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        found = [dict(entity) for entity in entities or []]
    text, found = _trim(text.replace("\r", ""), found)
    found = _exclude_from_code(found)
    found += _automatic_entities(text, found)
    found.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return FormattedText(text, found[:MAX_ENTITIES])


def _trim(text: str, entities: list[Wire]) -> tuple[str, list[Wire]]:
    """Cut blanks at the end, and at the start as far as no entity begins there."""
    text = text.rstrip()
    blanks = len(text) - len(text.lstrip())
    cut = min([blanks, *(entity["offset"] for entity in entities)])
    text = text[cut:]
    end = utf16_length(text)
    kept = []
    for entity in entities:
        offset = entity["offset"] - cut
        length = min(offset + entity["length"], end) - offset
        if length > 0:
            kept.append({**entity, "offset": offset, "length": length})
    return text, kept


def _exclude_from_code(entities: list[Wire]) -> list[Wire]:
    """Code and pre neither contain nor are part of anything else: other entities are cut around them."""
    verbatim = sorted((e for e in entities if e["type"] in _VERBATIM), key=lambda e: (e["offset"], -e["length"]))
    outer: list[Wire] = []
    for entity in verbatim:
        if not outer or entity["offset"] >= outer[-1]["offset"] + outer[-1]["length"]:
            outer.append(entity)
    kept = list(outer)
    for entity in entities:
        if entity["type"] not in _VERBATIM:
            kept += _cut_around(entity, outer)
    return kept


def _cut_around(entity: Wire, blocks: list[Wire]) -> list[Wire]:
    if entity["type"] in ("blockquote", "expandable_blockquote"):
        return [entity]
    begin, end = entity["offset"], entity["offset"] + entity["length"]
    parts: list[Wire] = []
    for block in blocks:
        block_end = block["offset"] + block["length"]
        if block_end <= begin or block["offset"] >= end:
            continue
        if block["offset"] > begin:
            parts.append({**entity, "offset": begin, "length": block["offset"] - begin})
        begin = block_end
    if begin < end:
        parts.append({**entity, "offset": begin, "length": end - begin})
    return parts


def _automatic_entities(text: str, entities: list[Wire]) -> list[Wire]:
    taken = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in (*_VERBATIM, "text_link")]
    found: list[Wire] = []
    for kind, pattern in _AUTOMATIC:
        for match in pattern.finditer(text):
            begin = utf16_length(text[: match.start()])
            end = begin + utf16_length(match.group())
            if all(end <= low or begin >= high for low, high in taken):
                found.append({"type": kind, "offset": begin, "length": end - begin})
                taken.append((begin, end))
    return found


_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
    "text_link": "a",
}


def to_html(text: str, entities: list[Wire]) -> str:
    """The text as markup again, so that a test can see what is bold without counting offsets."""
    marks: dict[int, list[str]] = {}
    for entity in sorted(entities, key=lambda e: (e["offset"], -e["length"])):
        tag = _TAGS.get(entity["type"])
        if tag:
            url = f' href="{entity["url"]}"' if tag == "a" else ""
            marks.setdefault(entity["offset"], []).append(f"<{tag}{url}>")
            marks.setdefault(entity["offset"] + entity["length"], []).insert(0, f"</{tag}>")
    parts: list[str] = []
    previous = 0
    for offset in [*sorted(marks), utf16_length(text)]:
        plain = utf16_slice(text, previous, offset - previous)
        parts.append(plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
        parts += marks.pop(offset, [])
        previous = offset
    return "".join(parts)
