"""A real mail server in this process, and what came in, parsed."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """Mails as they came in; ``refusal`` is what the server says instead of taking one."""

    host: str = "127.0.0.1"
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    refusal: str = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusal:
            return self.refusal
        parsed = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.to += envelope.rcpt_tos
        return "250 taken"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 known"

    @property
    def once(self) -> dict[str, EmailMessage]:
        """What a mailbox that drops repeats of a Message-ID holds."""
        return {str(mail["Message-ID"]): mail for mail in self.mails}


class _OnAnyPort(Controller):
    """A controller on a port the system chose."""

    def _trigger_server(self) -> None:
        # It connects to itself to see that it is up, and has to know where.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on a port of its own until the block ends."""
    box = Mailbox()
    controller = _OnAnyPort(box, hostname=box.host, port=0)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def text_of(mail: EmailMessage, kind: str) -> str:
    """The part of a mail that is of that kind: plain or html."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
