"""The Bot API's HTML style, read as strictly as the real server reads it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.formatted_text import format_text, to_html
from bot.sandbox.telegram.utf16 import utf16_slice
from bot.sandbox.telegram.wire import ApiError


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>Hi</b> <i>you</i>", "Hi you", [entity("bold", 0, 2), entity("italic", 3, 3)]),
        ("<strong>a</strong><em>b</em>", "ab", [entity("bold", 0, 1), entity("italic", 1, 1)]),
        ("<u>a</u><s>b</s><tg-spoiler>c</tg-spoiler>", "abc",
         [entity("underline", 0, 1), entity("strikethrough", 1, 1), entity("spoiler", 2, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [entity("spoiler", 0, 1)]),
        ("<B>loud</b>", "loud", [entity("bold", 0, 4)]),
        ("<b>closed by nothing</>", "closed by nothing", [entity("bold", 0, 17)]),
        ("🚀<b>up</b>", "🚀up", [entity("bold", 2, 2)]),
        ("1 &lt; 2 &amp; &quot;3&quot; &#62; &#x32;", '1 < 2 & "3" > 2', []),
        ("AT&T &nbsp; &unknown;", "AT&T &nbsp; &unknown;", []),
        ("5 &gt 4", "5 > 4", []),
        ("&#0; &#1114112;", "&#0; &#1114112;", []),
        ("<b></b>empty", "empty", []),
        ("<pre>a  b\n1  2</pre>", "a  b\n1  2", [entity("pre", 0, 9)]),
        ('<pre><code class="language-python">x=1</code></pre>', "x=1", [entity("pre", 0, 3, language="python")]),
        ('<code class="language-python">x=1</code>', "x=1", [entity("code", 0, 3)]),
        ('<a href="https://example.org/a?b=1&amp;c=2">x</a>', "x",
         [entity("text_link", 0, 1, url="https://example.org/a?b=1&c=2")]),
        ("<a href='https://example.org'>x</a>", "x", [entity("text_link", 0, 1, url="https://example.org/")]),
        ('<a href="no link">x</a>', "x", []),
        ("<blockquote expandable>long</blockquote>", "long", [entity("expandable_blockquote", 0, 4)]),
        ("<blockquote>short</blockquote>", "short", [entity("blockquote", 0, 5)]),
        ('<tg-time unix="1700000000" format="wDT">then</tg-time>', "then",
         [entity("date_time", 0, 4, unix_time=1_700_000_000, date_time_format="wDT")]),
        ("<b>a<i>b</i></b>", "ab", [entity("bold", 0, 2), entity("italic", 1, 1)]),
        ("<b>a<code>x</code>c</b>", "axc", [entity("bold", 0, 1), entity("code", 1, 1), entity("bold", 2, 1)]),
        ("<code><b>x</b></code>", "x", [entity("code", 0, 1)]),
        ("  \n<b>trimmed</b> \n ", "trimmed", [entity("bold", 0, 7)]),
    ],
)  # fmt: skip
def test_markup_becomes_text_and_entities(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    """Plain text with entities in UTF-16 code units."""
    formatted = format_text(source, "HTML")
    assert (formatted.text, formatted.entities) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("é <div>", 'Unsupported start tag "div" at byte offset 3'),
        ("<b>never closed", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<a href=x", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<a =x>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href x>y</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<a href=a/b>y</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
        ("&#xD800;", "Text contains invalid Unicode characters after decoding HTML entities, "
                     "check for unmatched surrogate code units"),
    ],
)  # fmt: skip
def test_mistakes_are_named_as_the_real_server_names_them(source: str, reason: str) -> None:
    """400 with "can't parse entities", the mistake and its byte offset."""
    with pytest.raises(ApiError) as refused:
        format_text(source, "HTML")
    assert refused.value.code == 400
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


def test_commands_links_and_tags_are_found_by_themselves() -> None:
    """Automatic entities, but none inside code."""
    formatted = format_text("/plan@some_bot of $BTC #now by @ada_l at https://x.org/a. <code>/no $ETH</code>", "HTML")
    found = [(e["type"], utf16_slice(formatted.text, e["offset"], e["length"])) for e in formatted.entities]
    assert found == [
        ("bot_command", "/plan@some_bot"),
        ("cashtag", "$BTC"),
        ("hashtag", "#now"),
        ("mention", "@ada_l"),
        ("url", "https://x.org/a"),
        ("code", "/no $ETH"),
    ]


def test_fractions_and_paths_are_no_commands() -> None:
    """A slash inside a word begins no command."""
    assert format_text("1/2 and a/b and BTC/USDT", None).entities == []


def test_unknown_parse_modes_are_refused() -> None:
    """Only HTML is spoken here."""
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        format_text("x", "BBCode")


@given(st.text(max_size=60))
def test_escaped_text_always_arrives_as_it_was(text: str) -> None:
    """Whatever text a bot escapes as the documentation says, the reader shows that text, trimmed."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert format_text(escaped, "HTML").text == format_text(text, None).text


@given(st.text(alphabet="ab<>/&; \"'=", max_size=30))
def test_any_input_is_either_read_or_refused(source: str) -> None:
    """Hostile markup never breaks the reader."""
    try:
        formatted = format_text(source, "HTML")
    except ApiError as refused:
        assert refused.code == 400
    else:
        assert all(0 <= e["offset"] < e["offset"] + e["length"] <= formatted.length for e in formatted.entities)


def test_html_is_rebuilt_for_tests_to_read() -> None:
    """The screen's html is the markup again."""
    source = '<b>a <i>b</i></b> &lt;c&gt; <a href="https://x.org/">d</a> <pre>e</pre>'
    formatted = format_text(source, "HTML")
    assert to_html(formatted.text, formatted.entities) == source
