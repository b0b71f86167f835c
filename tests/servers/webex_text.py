"""Markdown → HTML → what a person reads, as a client of Webex would draw it."""

from html.parser import HTMLParser

from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u2062\u2063"))
PARAGRAPHS = frozenset({"p", "pre", "ul", "ol", "li", "blockquote", "table", "tr", "h1", "h2", "h3", "hr"})


def html_of(markdown: str) -> str:
    return str(PARSER.render(markdown))


def text_of(html: str) -> str:
    """Without what has no width."""
    return drawn(html)[0].translate(UNSEEN)


def drawn(html: str) -> tuple[str, set[str]]:
    """The text, and the tags that were met."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.said).strip("\n"), reader.tags


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.tags: set[str] = set()
        self._code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._code = self._code or tag == "pre"
        if tag == "br":
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._code = False
        if tag in PARAGRAPHS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        """A line break in the source is none in what is drawn, but in code."""
        if self._code:
            self.said.append(data)
        elif data.strip("\n"):
            self.said.append(data.replace("\n", "") if self.said and self.said[-1] == "\n" else data.strip("\n"))
