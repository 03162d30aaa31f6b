"""Decoding errors and unfit text, told as a field and a plain reason."""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

# A place in decoded JSON, as a chain from the innermost key or index outwards.
Step = tuple[()] | tuple["Step", str | int]

TYPES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
PATH = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
WRONG_TYPE = re.compile(r"^Expected `(?P<wanted>[^`]+)`, got `(?P<got>\w+)`$")
BOUND = re.compile(r"^Expected `\w+` (?:of length )?(?P<sign><=|>=|<|>) (?P<bound>-?\d+)$")
MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]*)`$")
MALFORMED = re.compile(r"^JSON is malformed: (?P<what>.*) \(byte (?P<at>\d+)\)$")


class Fault(Exception):
    """One thing wrong with one record; "<field> <reason>" reads as a sentence."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field} {reason}".strip())


def fault_of(error: Exception, data: bytes, *, choices: Mapping[str, str] | None = None) -> Fault:
    """Translate what msgspec raised on ``data`` into a field and a plain reason.

    ``choices`` lists, by the last part of a field's name, what it may be.
    """
    if isinstance(error, UnicodeDecodeError):
        return Fault("", "is not UTF-8 text")
    if isinstance(error, RecursionError):
        return Fault("", "is nested too deep")
    message = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return _lone_surrogate(data) or Fault("", malformed(message))
    parts = PATH.match(message)
    what, path = (parts["what"], parts["path"] or "") if parts else (message, "")
    field = path.replace("[...]", "").removeprefix(".")
    missing = MISSING.match(what)
    if missing:
        return Fault(".".join(filter(None, (field, missing["name"]))), "is missing")
    last = re.split(r"[.\[]", field.rstrip("0123456789]["))[-1]
    return Fault(field, _reason(what, last, choices or {}))


def malformed(message: str) -> str:
    """What is wrong with text that is no JSON, in words that follow "The JSON"."""
    if "truncated" in message:
        return "ends before it is complete"
    found = MALFORMED.match(message)
    if not found:
        return "is malformed"
    if "trailing" in found["what"]:
        return f"is followed by something else at byte {found['at']}"
    return f"is malformed at byte {found['at']}: {found['what']}"


def _reason(what: str, last: str, choices: Mapping[str, str]) -> str:
    wrong = WRONG_TYPE.match(what)
    if wrong:
        wanted = " or ".join(TYPES.get(part, part) for part in wrong["wanted"].split(" | "))
        return f"must be {wanted}, not {TYPES.get(wrong['got'], wrong['got'])}"
    bound = BOUND.match(what)
    if bound:
        return _bound(bound["sign"], bound["bound"], "of length" in what)
    if what.startswith("Invalid enum value"):
        value = what.removeprefix("Invalid enum value ")
        known = choices.get(last)
        return f"must be one of {known}, not {value}" if known else f"may not be {value}"
    if "matching regex" in what:
        return "has the wrong form" if last != "ecosystem" else "must be a short lower-case word"
    return "holds a number out of range" if "out of range" in what else f"is wrong: {what}"


def _bound(sign: str, bound: str, is_length: bool) -> str:
    if not is_length:
        return f"must be {sign} {bound}"
    if sign.startswith(">"):
        return "must not be empty"
    return f"is longer than {bound} characters"


def unstorable(value: Any) -> str | None:
    """The path of the first text in decoded JSON that no database stores, if any.

    That is a NUL character or half a character, in a value or in a key.
    """
    waiting: list[tuple[Step, Any]] = [((), value)]
    while waiting:
        step, item = waiting.pop()
        if isinstance(item, str):
            if UNSTORABLE.search(item):
                return _path(step)
        elif isinstance(item, dict):
            if any(UNSTORABLE.search(key) for key in item):
                return _path(step)
            waiting += [((step, key), item[key]) for key in reversed(item)]
        elif isinstance(item, list):
            waiting += [((step, at), item[at]) for at in range(len(item) - 1, -1, -1)]
    return None


def _path(step: Step) -> str:
    steps: list[str | int] = []
    while step:
        step, last = step
        steps.append(last)
    path = ""
    for part in reversed(steps):
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _lone_surrogate(data: bytes) -> Fault | None:
    """The field with half a character in it, where that is why decoding failed."""
    if b"\\ud" not in data.lower():
        return None
    try:
        path = unstorable(json.loads(data))
    except (ValueError, RecursionError):
        return None
    return None if path is None else Fault(path, "holds half a character (a lone surrogate)")
