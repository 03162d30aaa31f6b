"""Channel ``email``: text and HTML in one message, unsubscribed by one POST."""

from email.utils import make_msgid, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string

from lifecycle.channels.base import DeliveryFailed, InvalidTarget, Outgoing, Receipt

# Refusals of the server as such: the mail is good, and may pass when it is put right.
SERVER_CODES = frozenset({530, 534, 535, 538, 454, 421})


class EmailChannel:
    """Its target is an address; by default the one the person or team is known by."""

    name = "email"
    label = "E-mail"
    is_personal = True
    target_hint = "the known address, or to the one named here"

    def is_available(self) -> bool:
        """Whether a mail server is set up."""
        return bool(settings.EMAIL_HOST)

    def checked_target(self, target: str) -> str:
        """An address, or nothing for the known one; raises InvalidTarget."""
        if target:
            try:
                validate_email(target)
            except ValidationError:
                raise InvalidTarget(self.label, "that is no address") from None
        return target

    def send(self, message: Outgoing) -> Receipt:
        """Hand the mail to the server."""
        mail = mail_of(message)
        try:
            mail.send()
        except SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            text = "; ".join(_text(said) for _, said in error.recipients.values())
            raise _failed(max(codes, default=0), text) from error
        except SMTPResponseException as error:
            raise _failed(error.smtp_code, _text(error.smtp_error)) from error
        except (SMTPException, OSError) as error:
            reason = f"The mail server cannot be reached: {error}"[:500]
            raise DeliveryFailed(reason, is_permanent=False) from error
        except ValueError as error:
            raise DeliveryFailed(f"No such mail can be sent: {error}", is_permanent=True) from error
        return Receipt(250, "accepted by the mail server")


def mail_of(message: Outgoing) -> EmailMultiAlternatives:
    """The mail a message becomes; the same message makes the same Message-ID."""
    context = {"digest": message.payload}
    headers = {
        "Message-ID": f"<{message.message_id}@{_domain()}>",
        "Auto-Submitted": "auto-generated",
    }
    unsubscribe = message.payload.get("unsubscribe_url")
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=" ".join(str(message.payload["title"]).split())[:200],
        body=render_to_string("emails/digest.txt", context),
        to=[message.target],
        headers=headers,
    )
    mail.attach_alternative(render_to_string("emails/digest.html", context), "text/html")
    return mail


def _domain() -> str:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return sender.rpartition("@")[2] or make_msgid().rpartition("@")[2].rstrip(">")


def _failed(code: int, text: str) -> DeliveryFailed:
    is_permanent = code >= 500 and code not in SERVER_CODES
    reason = f"The mail server answered {code}."
    return DeliveryFailed(reason, is_permanent=is_permanent, answered=code or None, answer=text)


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


CHANNEL = EmailChannel()
