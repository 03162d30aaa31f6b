"""What can be wrong with a version or a range."""


class VersioningError(ValueError):
    """Base: ``text`` is what was read (cut to 80 characters), ``reason`` is why it is wrong."""

    what = "version"

    def __init__(self, text: str, reason: str) -> None:
        self.text = text[:80]
        self.reason = reason
        super().__init__(f"{self.text!r} is not a {self.what}: {reason}")


class InvalidVersion(VersioningError):
    """The text is not a version of its scheme."""


class InvalidRange(VersioningError):
    """The text is not a version range of its scheme."""

    what = "range"
