"""The reference page of figures, written anew by every run that is asked to."""
# ruff: noqa: E501 # the page has the width of the other pages

from collections.abc import Iterable

from platform_ui.bench.rows import Row, markdown

PAGE = """# Performance

`make bench` measures this and writes this page: ingest, graph, sweep, API and pages in a folder and a
database of their own. Trust ratios, which come from one run on one machine; single figures move by 40 %.

- **Targets** are those the product is built to. A row without one is there to compare.
- **Beside** is the same work by other means in the same run, and how many times it a figure is: scipy's
  compiled breadth-first search, bare SQL writes, a recursive query, networkx, and rustworkx and igraph
  where they are installed.
- Rows that begin with **×4** and **×16** run the engine on that many copies of what is loaded, each with
  modules of its own. Beside stands the first scale's figure grown in proportion: 1.0 × is linear growth.
- **Extremes** are the rows about `bench-hub`, a module with 50,000 dependents, and `bench-ring-7`, one of a
  cycle of 300 modules.
- Deployments are simulated.

Last run on {machine}.

{table}
"""


def page(rows: Iterable[Row], *, machine: str) -> str:
    """The page in Markdown."""
    return PAGE.format(machine=machine, table=markdown(rows))
