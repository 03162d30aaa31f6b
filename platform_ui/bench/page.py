"""The reference page of figures, written anew by every run that is asked to."""
# ruff: noqa: E501 # the page has the width of the other pages

from collections.abc import Iterable

from platform_ui.bench.rows import Row, markdown

PAGE = """# Performance

`make bench` measures this and writes this page: ingest, graph, sweep, API and pages in a folder and a
database of their own. Trust ratios, which come from one run on one machine; single figures move by 40 %, and by far more
where other programs run.

- **Targets** are those the product is built to. A row without one is there to compare.
- **Its own work** is the processor time of the process that answers. What the clock shows above it was waiting:
  for the disk, for PostgreSQL, or for other programs on the machine.
- **Beside** is the same work by other means in the same run, and how many times it a figure is: a
  breadth-first search in C (the limit; scipy's where no compiler is installed), bare SQL writes, a recursive
  query over an indexed table of edges, networkx, and rustworkx and igraph where they are installed.
- The database is loaded by commands of their own; what is asked runs in one process with a test client, so a
  page's figure is the server's, without a network.
- Rows that begin with **×4** and **×16** run the engine on that many copies of what is loaded, each with
  modules of its own. Beside stands the first scale's figure grown in proportion: 1.0 × is linear growth.
- **Extremes** are the rows about `bench-hub`, a module with 50,000 dependents, and `bench-ring-7`, one of a
  cycle of 300 modules.
- Deployments are simulated.

Last run on {machine}.

## Targets missed

{missed}

## Figures

{table}
"""
# What is known of why a figure may be above its target: by words of its row.
CAUSES = (
    ("tab=preview", "a preview resolves the trees of up to twenty consumers jointly, each a search over all "
     "versions they could take, and shrinks a conflict to its least sentences; the part opens at once until a "
     "version is typed"),
    ("PostgreSQL: ingest", "COPY into a staging table and the checks of foreign keys are most of it"),
    ("again, unchanged", "every line is read and compared with what is stored before it is found unchanged"),
    ("peak memory", "what is known of the registry is kept in memory while it is taken in"),
    ("ingest", "reading and checking lines in Python is most of it; the writes alone are beside"),
    ("an SBOM", "most of it is bringing the snapshot of the whole registry up to date, not reading the SBOM"),
    ("every answer is right", "the snapshot is built anew: its arrays, its usage and blast radius"),
    ("graph up to date", "the snapshot was behind and was built anew"),
)  # fmt: skip
UNKNOWN = "not known; other work on the machine may be"


def page(rows: Iterable[Row], *, machine: str) -> str:
    """The page in Markdown."""
    kept = list(rows)
    missed = [_missed(row) for row in kept if row.verdict == "MISS"]
    words = "\n".join(missed) or "None: every row with a target meets it."
    return PAGE.format(machine=machine, missed=words, table=markdown(kept))


def _missed(row: Row) -> str:
    cause = next((cause for words, cause in CAUSES if words in row.work), UNKNOWN)
    if row.is_quick_alone:
        cause = "it waited for others; its own work is within the target"
    return f"- **{row.work}**: {row.said}. Cause: {cause}."
