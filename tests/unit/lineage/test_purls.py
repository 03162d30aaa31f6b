"""Package URLs against the specification's own cases."""

import json

import pytest
from packageurl import PackageURL

from lineage.exceptions import InvalidPurl
from lineage.purls import Named, is_purl, module_name, purl_of, purl_text, read_purl
from tests.shared_data import shared_path

TYPES = ("cargo", "generic", "golang", "maven", "npm", "pypi")


def outcome(case):
    """What the case's input becomes, or None where it is refused."""
    given = case["input"]
    try:
        purl = PackageURL(**given) if isinstance(given, dict) else PackageURL.from_string(given)
    except ValueError:
        return None
    if case["test_type"] == "parse":
        return {key: value or None for key, value in purl.to_dict().items()}
    return purl_text(purl)


@pytest.mark.parametrize("kind", TYPES)
def test_every_case_of_the_specification_comes_out_as_written(kind):
    cases = json.loads(shared_path(f"suites/purl/{kind}-test.json").read_text())
    cases = cases if isinstance(cases, list) else cases["tests"]
    assert len(cases) >= 9
    wrong = []
    for case in cases:
        expected = None if case["expected_failure"] else case["expected_output"]
        if outcome(case) != expected:
            wrong.append((case["input"], outcome(case), expected))
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("pkg:npm/%40scope/name@1.2.3", Named("npm", "@scope/name", "1.2.3")),
        ("pkg:PYPI/Flask_Login", Named("pypi", "flask-login")),
        ("pkg:golang/github.com/a/b@v1.0.0#sub", Named("golang", "github.com/a/b", "v1.0.0")),
        ("pkg:maven/org.a/b@1?type=war", Named("maven", "org.a/b", "1")),
    ],
)
def test_a_purl_names_a_module_and_a_version(text, named):
    assert is_purl(text)
    assert read_purl(text) == named
    again = purl_of(named.ecosystem, named.module, named.version)
    assert read_purl(again) == named


def test_spellings_of_one_package_share_one_name():
    assert module_name("pypi", "Flask_Login") == module_name("pypi", "flask-login")
    assert module_name("npm", "@Scope/Name") == "@Scope/name"
    assert module_name("maven", "org.A/B") == "org.A/B"
    assert module_name("platform", "Auth_Core") == "Auth_Core"


@pytest.mark.parametrize(
    "text", ["", "pkg:", "pkg:npm", "pkg:npm/", "x" * 10_000, "pkg:npm/a%00b", "pkg://///@?#"]
)
def test_what_is_no_purl_is_refused_with_a_reason(text):
    with pytest.raises(InvalidPurl) as caught:
        read_purl(text)
    assert caught.value.reason
