"""Random pictures for property tests: small, cyclic, with locked trees and past edges."""

from hypothesis import strategies as st

from tests.graph_text import Picture, draw

MODULES = "abcde"
NUMBERS = ("0.9.0", "1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.0.0-rc.1", "3.0.0")
RANGES = ("*", "^1", "~1.0", ">=1.1", "=1.0.0", "^2.0.0-0", "^9")

versions = st.builds("{}@{}".format, st.sampled_from(MODULES), st.sampled_from(NUMBERS))
flags = st.sampled_from(["", "", "", " (withdrawn)", " (placeholder)", " (sunset)"])
ranges = st.builds(
    "{}@{}{}".format,
    st.sampled_from(MODULES),
    st.sampled_from(RANGES),
    st.sampled_from(["", "", "", "?"]),
)
published = st.builds("{}{}".format, versions, flags)
declared = st.builds("{} -> {}".format, versions, ranges)
roots = st.sampled_from(["a@1.0.0", "c@2.0.0"])
locked = st.builds("[{}] {} -> {}".format, roots, versions, versions)
past = st.builds("{} ~> {} until {}".format, versions, versions, st.integers(1, 9))


@st.composite
def pictures(draw_from: st.DrawFn) -> Picture:
    """A picture with at least one version."""
    statements = [
        *draw_from(st.lists(published, min_size=1, max_size=8)),
        *draw_from(st.lists(declared, max_size=25, unique=True)),
        *draw_from(st.lists(locked, max_size=8, unique=True)),
        *draw_from(st.lists(past, max_size=6, unique=True)),
    ]
    return draw("; ".join(statements))


def versions_of(picture: Picture) -> st.SearchStrategy[list[str]]:
    """Some versions of a picture, at least one."""
    return st.lists(st.sampled_from(picture.versions), min_size=1, max_size=4, unique=True)
