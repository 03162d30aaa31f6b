"""The ends of a question about two: a module or one version of it, by name or package URL."""

from dataclasses import dataclass

from lineage.exceptions import InvalidPurl, UnknownModule
from lineage.models import Module, Version
from lineage.purls import is_purl, read_purl
from lineage.selectors.versions import version_named

ECOSYSTEM = "platform"


@dataclass(frozen=True, slots=True)
class End:
    """A module, or one version of it."""

    module: Module
    version: Version | None

    @property
    def text(self) -> str:
        """As ``end_named`` reads it."""
        name = f"{self.module.ecosystem}/{self.module.name}"
        return f"{name}@{self.version.version}" if self.version else name


def end_named(text: str) -> End:
    """The end called ``ecosystem/name``, ``ecosystem/name@version`` or by its package URL.

    Without an ecosystem it is ``platform``. Raises UnknownModule or UnknownVersion.
    """
    readings = _purl(text) if is_purl(text) else _readings(text)
    names = {name for _, name, _ in readings}
    rows = Module.objects.select_related("owner").filter(name__in=names).order_by()
    modules = {(module.ecosystem, module.name): module for module in rows}
    for ecosystem, name, number in readings:
        module = modules.get((ecosystem, name))
        if module is not None:
            return End(module, version_named(module, number) if number else None)
    raise UnknownModule(*readings[0][:2])


def _purl(text: str) -> list[tuple[str, str, str]]:
    try:
        named = read_purl(text)
    except InvalidPurl as error:
        raise UnknownModule("purl", text) from error
    return [(named.ecosystem, named.module, named.version)]


def _readings(text: str) -> list[tuple[str, str, str]]:
    """What the text may mean, the likeliest first: names may hold slashes and at signs."""
    ecosystem, slash, rest = text.partition("/")
    bases = [(ecosystem, rest), (ECOSYSTEM, text)] if slash else [(ECOSYSTEM, text)]
    readings = [(where, what, "") for where, what in bases]
    for where, what in bases:
        name, at, number = what.rpartition("@")
        if at and name:
            readings.append((where, name, number))
    return readings
