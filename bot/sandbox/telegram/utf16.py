"""Telegram counts text in UTF-16 code units: lengths, offsets and slices in that measure."""


def utf16_length(text: str) -> int:
    """How many UTF-16 code units the text takes (an emoji takes two)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of the text that an entity with this offset and length covers."""
    encoded = text.encode("utf-16-le")
    return encoded[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
