"""Pages as a reader without JavaScript has them: words, table rows, links and forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

SILENT = {"script", "style", "title"}


@dataclass
class Form:
    """A form with what a browser would send; ``buttons`` are its submit buttons by word.

    ``actions`` are the addresses of buttons that send it elsewhere.
    """

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a response shows."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.address = str(response.request["PATH_INFO"])
        self.rows: list[list[str]] = []
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self._words: list[str] = []
        self._silent = 0
        self._link: tuple[str, int] | None = None
        self._button: tuple[tuple[str, str], int] | None = None
        self._elsewhere = ""
        self.feed(response.content.decode())
        self.close()

    @property
    def words(self) -> str:
        """All that can be read, in one line."""
        return self._since(0)

    def form(self, button: str) -> Form:
        """The form that has a button of this word."""
        return next(form for form in self.forms if button in form.buttons)

    def _since(self, mark: int) -> str:
        return " ".join("".join(self._words[mark:]).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        self._silent += tag in SILENT
        if tag != "wbr":
            self._words.append(" " if tag in BLOCKS else "")
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self._cell = len(self._words)
        elif tag == "a" and "href" in stated:
            self._link = (stated["href"], len(self._words))
        elif tag == "form":
            self.forms.append(Form(stated.get("action", ""), stated.get("method", "get")))
        elif tag == "input" and self.forms:
            self._take_input(stated)
        elif tag == "button" and self.forms:
            self._button = ((stated.get("name", ""), stated.get("value", "")), len(self._words))
            self._elsewhere = stated.get("formaction", "")

    def _take_input(self, stated: dict[str, str]) -> None:
        kind = stated.get("type", "text")
        is_sent = kind not in {"checkbox", "radio"} or "checked" in stated
        if is_sent and "name" in stated:
            self.forms[-1].fields.append((stated["name"], stated.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        if tag in {"td", "th"} and self.rows:
            self.rows[-1].append(self._since(self._cell))
        elif tag == "a" and self._link:
            href, mark = self._link
            self.links.setdefault(self._since(mark), href)
            self._link = None
        elif tag == "button" and self._button:
            pair, mark = self._button
            self.forms[-1].buttons.setdefault(self._since(mark), pair)
            if self._elsewhere:
                self.forms[-1].actions.setdefault(self._since(mark), self._elsewhere)
            self._button = None
        self._words.append(" " if tag in BLOCKS else "")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)


BLOCKS = {"p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "dt", "dd", "br", "span", "small"}


def open_page(client: Client, address: str) -> Page:
    """The page at an address, which must be there."""
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return Page(response)


def press(client: Client, page: Page, button: str, **typed: Any) -> HttpResponse:
    """Send the form with this button, its text fields filled in, and follow where it leads."""
    form = page.form(button)
    sent: dict[str, Any] = {}
    for name, value in form.fields:
        sent.setdefault(name, []).append(value)
    name, value = form.buttons[button]
    sent |= {name: value} if name else {}
    address = form.actions.get(button) or form.action or page.address
    return client.post(address, sent | typed, follow=True)
