"""Errors of the lineage side; each carries its data and builds its message from it."""

from datetime import datetime


class LineageError(Exception):
    """Base of every error a caller of lineage may want to catch."""

    code = "lineage_error"


class UnknownModule(LineageError):
    """No module has this ecosystem and name."""

    code = "unknown_module"

    def __init__(self, ecosystem: str, name: str) -> None:
        self.ecosystem = ecosystem
        self.name = name
        super().__init__(f"No module {name} in ecosystem {ecosystem}.")


class UnknownVersion(LineageError):
    """The module has no such version."""

    code = "unknown_version"

    def __init__(self, module: str, version: str) -> None:
        self.module = module
        self.version = version
        super().__init__(f"{module} has no version {version}.")


class UnknownLine(LineageError):
    """The module has no such line."""

    code = "unknown_line"

    def __init__(self, module: str, line: str) -> None:
        self.module = module
        self.line = line
        super().__init__(f"{module} has no line {line}.")


class UnknownInventory(LineageError):
    """There is no such inventory."""

    code = "unknown_inventory"

    def __init__(self, inventory: int) -> None:
        self.inventory = inventory
        super().__init__("There is no such inventory.")


class NotHeld(LineageError):
    """The inventory waits for nobody's decision: it never did, or not any more."""

    code = "not_held"

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(f"This inventory is not held: it is {state}. Nothing was changed.")


class UnknownSource(LineageError):
    """No source has this name."""

    code = "unknown_source"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is no source {name}.")


class NotPast(LineageError):
    """The past was asked about an instant that is still to come."""

    code = "not_past"

    def __init__(self, at: datetime) -> None:
        self.at = at
        super().__init__(f"{at:%Y-%m-%d %H:%M:%S} is still to come: the past ends now.")


class NotYet(LineageError):
    """The version was not there at that instant."""

    code = "not_yet"

    def __init__(self, module: str, version: str, at: datetime) -> None:
        self.module = module
        self.version = version
        self.at = at
        super().__init__(f"{module} {version} was not there on {at:%Y-%m-%d %H:%M:%S} UTC.")


class BadWindow(LineageError):
    """Nothing can be counted over these days."""

    code = "bad_window"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This is no window of past days. {reason}")


class UnknownDeployment(LineageError):
    """Nothing live has this key."""

    code = "unknown_deployment"

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"No live deployment {key}.")


class NoSuchDependency(LineageError):
    """The consumer's newest version does not declare the module, or that has no version."""

    code = "no_such_dependency"

    def __init__(self, consumer: str, dependency: str) -> None:
        self.consumer = consumer
        self.dependency = dependency
        super().__init__(f"The newest version of {consumer} does not depend on {dependency}.")


class UnreadableDocument(LineageError):
    """A document as a whole cannot be taken in; nothing of it was kept."""

    code = "unreadable_document"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{reason} Nothing was changed.")


class DocumentTooLarge(UnreadableDocument):
    """A document has more bytes than this installation takes."""

    code = "too_large"


class SameEnds(LineageError):
    """Asked why a thing reaches itself."""

    code = "same_ends"

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"{text} is both ends of the question.")


class InvalidPurl(LineageError):
    """The text is no package URL."""

    code = "invalid_purl"

    def __init__(self, text: str, reason: str) -> None:
        self.text = text[:80]
        self.reason = reason
        super().__init__(f"{self.text!r} is not a package URL: {reason}.")


class VersionExists(LineageError):
    """A version to be previewed is published already."""

    code = "version_exists"
    status = 409

    def __init__(self, module: str, version: str) -> None:
        self.module = module
        self.version = version
        super().__init__(f"{module} {version} is published already; versions are immutable.")
