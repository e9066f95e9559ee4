"""Long messages are cut at line ends with balanced tags, and text remains where markup is refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.render.splitting import MOST_UNITS, length, plain_text, split
from bot.sandbox.telegram.html_markup import parse_html
from bot.sandbox.telegram.utf16 import utf16_length


def test_short_text_stays_whole() -> None:
    """One part, unchanged."""
    assert split("<b>Hello</b> &amp; welcome") == ("<b>Hello</b> &amp; welcome",)


def test_cut_at_line_ends_with_open_tags() -> None:
    """A table that is cut is closed in one message and opened again in the next."""
    rows = [f"row {n:03} " + "x" * 20 for n in range(10)]
    first, second = split("<b>T</b>\n<pre>" + "\n".join(rows) + "</pre>", most=200)
    assert first.startswith("<b>T</b>\n<pre>row 000") and first.endswith("</pre>")
    assert second.startswith("<pre>row 00") and second.endswith("</pre>")
    assert plain_text(first) + "\n" + plain_text(second) == "T\n" + "\n".join(rows)


def test_one_endless_line_is_cut_where_it_must_be() -> None:
    """Nothing is lost of it, and an entity is not cut in two."""
    html = "<i>" + "&lt;🚀" * 3000 + "</i>"
    parts = split(html)
    assert all(utf16_length(parse_html(part)[0]) <= MOST_UNITS for part in parts)
    assert "".join(plain_text(part) for part in parts) == "<🚀" * 3000


def test_plain_text() -> None:
    """Markup goes, escaped characters come back, and a lone sign is no tag."""
    assert plain_text('<b>a</b> &lt;b&gt; &amp;amp; 1 < 2 <a href="x">y</a>') == "a <b> &amp; 1 < 2 y"


def test_length_counts_as_telegram_does() -> None:
    """An emoji takes two units."""
    assert length("a🚀") == 3


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="<>&\r\n\x00 "), max_size=40), max_size=30)


@given(LINES, st.integers(130, 300), st.sampled_from(["b", "i", "pre", "code"]))
def test_parts_are_valid_and_complete(lines: list[str], most: int, tag: str) -> None:
    """Each part is accepted by a strict reader and fits; together they hold every word."""
    html = "\n".join(f"<{tag}>{line}</{tag}>" if n % 3 else line for n, line in enumerate(lines))
    parts = split(html, most)
    texts = [parse_html(part)[0] for part in parts]
    assert all(utf16_length(text) <= most for text in texts)
    assert "".join("".join(texts).split()) == "".join("".join(lines).split())
