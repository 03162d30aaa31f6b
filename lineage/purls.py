"""Package URLs: modules as they are named outside, and the one name of each (pure).

Grammar and the rules of each type: github.com/package-url/purl-spec, read by the
``packageurl-python`` package.
"""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from packageurl import PackageURL

from lineage.exceptions import InvalidPurl

MAX_PURL_LENGTH = 2_048
# Types in which spellings that differ in case, or in - and _, name one package.
FOLDING = frozenset(
    (
        *("alpm", "apk", "bitbucket", "bitnami", "composer", "github", "gitlab", "hackage", "hex"),
        *("luarocks", "npm", "oci", "pub", "pypi", "qpkg"),
    )
)


@dataclass(frozen=True, slots=True)
class Named:
    """A module by its identity, and a version of it where one is named."""

    ecosystem: str
    module: str
    version: str = ""


def is_purl(text: str) -> bool:
    """Whether the text means to be a package URL."""
    return text.lstrip()[:4].lower() == "pkg:"


def read_purl(text: str) -> Named:
    """What a package URL names; qualifiers and subpath tell no modules apart.

    Raises InvalidPurl.
    """
    if len(text) > MAX_PURL_LENGTH:
        raise InvalidPurl(text, f"longer than {MAX_PURL_LENGTH} characters")
    try:
        purl = PackageURL.from_string(text.strip())
    except ValueError as error:
        raise InvalidPurl(text, "expected pkg:type/namespace/name@version") from error
    name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
    version = purl.version or ""
    if not (name.isprintable() and version.isprintable() and purl.type.isprintable()):
        raise InvalidPurl(text, "holds control characters")
    return Named(purl.type, name, version)


@lru_cache(maxsize=65_536)
def module_name(ecosystem: str, name: str) -> str:
    """The one spelling of a module's name by the rules of its type."""
    if ecosystem not in FOLDING:
        return name
    namespace, _, last = name.rpartition("/")
    try:
        purl = PackageURL(type=ecosystem, namespace=namespace or None, name=last)
    except ValueError:
        return name
    return f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name


def purl_of(ecosystem: str, name: str, version: str = "") -> str:
    """The package URL of a module, or of a version of it."""
    namespace, _, last = name.rpartition("/")
    return purl_text(
        PackageURL(type=ecosystem, namespace=namespace or None, name=last, version=version or None)
    )


def purl_text(purl: PackageURL) -> str:
    """The canonical text. The package leaves ``/`` in qualifiers as it is; the suite does not."""
    text: str = purl._replace(qualifiers={}, subpath=None).to_string()
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    if qualifiers:
        pairs = (f"{key}={quote(value, safe='-._~:')}" for key, value in sorted(qualifiers.items()))
        text += "?" + "&".join(pairs)
    if purl.subpath:
        text += "#" + quote(purl.subpath, safe="-._~:/")
    return text
