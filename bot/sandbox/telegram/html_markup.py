"""A strict reader of the Bot API's HTML style: markup in, plain text and entities out.

Written to the documented rules and the real server's messages: only the listed tags, attributes as name="value",
the named entities &lt; &gt; &amp; &quot; and numeric ones; everything else with an ampersand is literal text.
Error positions are byte offsets in the UTF-8 source, as the real server reports them.
"""

import re
from dataclasses import dataclass, field

from bot.sandbox.telegram.utf16 import utf16_length
from bot.sandbox.telegram.wire import ApiError, Wire, bad_request

TAG_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER_REFERENCE = re.compile(r"&(?:#([0-9]+)|#[xX]([0-9a-fA-F]+)|([a-zA-Z]+));?")
_PLAIN = re.compile(r"[^<&]+")
_NAME_TOKEN = re.compile(r"[0-9A-Za-z.-]*")
_SPACE = " \t\r\n\0\v"


@dataclass(slots=True)
class _OpenTag:
    name: str
    attributes: dict[str, str]
    offset: int
    piece: int


@dataclass(slots=True)
class HtmlReader:
    """Reads one text; use it through `parse_html`."""

    source: str
    at: int = 0
    offset: int = 0
    pieces: list[str] = field(default_factory=list)
    entities: list[Wire] = field(default_factory=list)
    open_tags: list[_OpenTag] = field(default_factory=list)

    def read(self) -> tuple[str, list[Wire]]:
        """Plain text and entities. Raises ApiError with Telegram's wording at the first mistake."""
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "<":
                if self._peek(1) == "/":
                    self._end_tag()
                else:
                    self._start_tag()
            else:
                self._words()
        if self.open_tags:
            name = self.open_tags[-1].name
            raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{name}"')
        return "".join(self.pieces), self.entities

    def _peek(self, ahead: int = 0) -> str:
        position = self.at + ahead
        return self.source[position] if position < len(self.source) else ""

    def _words(self) -> None:
        """All up to the next tag or ampersand, or what the ampersand here stands for."""
        plain = _PLAIN.match(self.source, self.at)
        text, self.at = (plain[0], plain.end()) if plain else _decode_at(self.source, self.at)
        self.pieces.append(text)
        self.offset += utf16_length(text)

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _skip_space(self) -> None:
        while self._peek() and self._peek() in _SPACE:
            self.at += 1

    def _until(self, stops: str) -> str:
        begin = self.at
        while self._peek() and self._peek() not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._until(_SPACE + ">").lower()
        if not self._peek():
            raise _cannot_parse(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name not in TAG_TYPES:
            raise _cannot_parse(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._peek() == ">":
                break
            self._attribute(name, begin, attributes)
        self.at += 1
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open_tags.append(_OpenTag(name, attributes, self.offset, len(self.pieces)))

    def _attribute(self, tag: str, begin: int, attributes: dict[str, str]) -> None:
        where = f'the tag "{tag}" at byte offset {self._byte(begin)}'
        if not self._peek():
            raise _cannot_parse(f"Unclosed start tag at byte offset {self._byte(begin)}")
        name = self._until(_SPACE + "=>" if tag == "blockquote" else _SPACE + "=")
        if not name:
            raise _cannot_parse(f"Empty attribute name in {where}")
        self._skip_space()
        if self._peek() != "=":
            if tag == "blockquote" and name == "expandable":
                attributes[name] = ""
                return
            raise _cannot_parse(f"Expected equal sign in declaration of an attribute of {where}")
        self.at += 1
        self._skip_space()
        if not self._peek():
            raise _cannot_parse(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        attributes[name] = self._attribute_value()
        if not self._peek():
            raise _cannot_parse(f"Unclosed start tag at byte offset {self._byte(begin)}")

    def _attribute_value(self) -> str:
        quote = self._peek()
        if quote not in "'\"":
            begin = self.at
            match = _NAME_TOKEN.match(self.source, begin)
            value = match.group() if match else ""
            self.at += len(value)
            if self._peek() and self._peek() not in _SPACE + ">":
                raise _cannot_parse(f"Unexpected end of name token at byte offset {self._byte(begin)}")
            return value.lower()
        self.at += 1
        characters: list[str] = []
        while self._peek() and self._peek() != quote:
            text, self.at = _decode_at(self.source, self.at)
            characters.append(text)
        self.at += 1
        return "".join(characters)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open_tags:
            raise _cannot_parse(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at += 2
        name = self._until(_SPACE + ">").lower()
        self._skip_space()
        if self._peek() != ">":
            raise _cannot_parse(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        tag = self.open_tags.pop()
        if name not in ("", tag.name):
            raise _cannot_parse(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{tag.name}>", found "</{name}>"'
            )
        if self.offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        entity: Wire = {
            "type": TAG_TYPES[tag.name],
            "offset": tag.offset,
            "length": self.offset - tag.offset,
        }
        if tag.name == "a":
            url = _checked_link(tag.attributes.get("href") or "".join(self.pieces[tag.piece :]))
            if not url:
                return
            entity["url"] = url
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "tg-emoji":
            entity["custom_emoji_id"] = _emoji_id(tag.attributes.get("emoji-id", ""))
        elif tag.name == "tg-time":
            entity.update(_date_time(tag.attributes))
        elif tag.name in ("pre", "code") and self._merge_code_block(tag, entity):
            return
        if tag.name == "code" and tag.attributes.get("class", "").startswith("language-"):
            entity["_language"] = tag.attributes["class"].removeprefix("language-")
        self.entities.append(entity)

    def _merge_code_block(self, tag: _OpenTag, entity: Wire) -> bool:
        """<pre><code class="language-x">…</code></pre> is one entity with a language."""
        inner = self.entities[-1] if self.entities else None
        if tag.name != "pre" or inner is None or "_language" not in inner:
            return False
        if (inner["offset"], inner["length"]) != (entity["offset"], entity["length"]):
            return False
        inner.update(type="pre", language=inner.pop("_language"))
        return True


def _cannot_parse(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def _decode_at(source: str, at: int) -> tuple[str, int]:
    """The character that starts here (a character reference counts as one), and where the next one starts."""
    match = _CHARACTER_REFERENCE.match(source, at) if source[at] == "&" else None
    if match is None:
        return source[at], at + 1
    decimal, hexadecimal, name = match.groups()
    if name:
        return (_NAMED[name], match.end()) if name in _NAMED else ("&", at + 1)
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if not 0 < code <= 0x10FFFF:
        return "&", at + 1
    if 0xD800 <= code <= 0xDFFF:
        raise _cannot_parse(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code), match.end()


def _checked_link(url: str) -> str:
    """The link as Telegram stores it, or nothing when it is no link (then the text stays plain)."""
    if not url or any(character in url for character in " \n\t<>"):
        return ""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "http", url
        if "." not in url:
            return ""
    if scheme.lower() not in ("http", "https", "tg", "ton"):
        return ""
    return f"{scheme.lower()}://{rest}" if "/" in rest or "?" in rest else f"{scheme.lower()}://{rest}/"


def _emoji_id(value: str) -> str:
    if not value.isdecimal() or int(value) == 0:
        raise _cannot_parse("Invalid custom emoji identifier specified")
    return value


def _date_time(attributes: dict[str, str]) -> Wire:
    unix = attributes.get("unix", "")
    if not unix.isdecimal():
        raise _cannot_parse("Invalid date specified")
    fields: Wire = {"unix_time": int(unix)}
    if attributes.get("format"):
        fields["date_time_format"] = attributes["format"]
    return fields


def parse_html(source: str) -> tuple[str, list[Wire]]:
    """Plain text and its entities, innermost first. Raises ApiError (400, "can't parse entities: …")."""
    text, entities = HtmlReader(source).read()
    for entity in entities:
        entity.pop("_language", None)
    return text, entities
