"""Errors of the lineage side; each carries its data and builds its message from it."""


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


class UnreadableDocument(LineageError):
    """A document as a whole cannot be taken in; nothing of it was kept."""

    code = "unreadable_document"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{reason} Nothing was changed.")


class DocumentTooLarge(UnreadableDocument):
    """A document has more bytes than this installation takes."""

    code = "too_large"
