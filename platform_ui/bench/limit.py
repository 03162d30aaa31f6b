"""The limit of a search: the same breadth-first search in C, compiled where there is a compiler."""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from lineage.graph.arrays import Graph

# The search forgets what it marked by walking its own queue, so it costs what it reaches.
SOURCE = """
#include <stdint.h>
int32_t reach(const int64_t *start, const int32_t *item, int32_t root, uint8_t *seen,
              int32_t *queue) {
    int32_t head = 0, tail = 0;
    seen[root] = 1;
    queue[tail++] = root;
    while (head < tail) {
        int32_t node = queue[head++];
        for (int64_t i = start[node]; i < start[node + 1]; i++)
            if (!seen[item[i]]) { seen[item[i]] = 1; queue[tail++] = item[i]; }
    }
    for (int32_t i = 0; i < tail; i++) seen[queue[i]] = 0;
    return tail - 1;
}
"""
# Root node -> how many other nodes depend on it.
Search = Callable[[int], int]


def compiled_search(graph: Graph) -> tuple[str, Search]:
    """What it is called, and a search against the edges; scipy's where nothing compiles C."""
    compiler = shutil.which("cc")
    return ("a search in C", _in_c(graph, compiler)) if compiler else scipy_search(graph)


def scipy_search(graph: Graph) -> tuple[str, Search]:
    """scipy's breadth-first search, compiled as well, over all nodes every time."""
    ones = np.ones(len(graph.in_source), dtype=np.int8)
    shape = (graph.nodes, graph.nodes)
    matrix = csr_matrix((ones, graph.in_source, graph.in_start), shape=shape)

    def search(root: int) -> int:
        return len(breadth_first_order(matrix, root, return_predecessors=False)) - 1

    return "scipy's search", search


def _in_c(graph: Graph, compiler: str) -> Search:
    start = np.ascontiguousarray(graph.in_start, dtype=np.int64)
    item = np.ascontiguousarray(graph.in_source, dtype=np.int32)
    seen = np.zeros(graph.nodes, dtype=np.uint8)
    queue = np.empty(graph.nodes, dtype=np.int32)
    reach = _library(compiler).reach
    start_at, item_at, seen_at, queue_at = (
        ctypes.c_void_p(array.ctypes.data) for array in (start, item, seen, queue)
    )

    def search(root: int, _kept: object = (start, item, seen, queue)) -> int:
        return int(reach(start_at, item_at, ctypes.c_int32(root), seen_at, queue_at))

    return search


@cache
def _library(compiler: str) -> ctypes.CDLL:
    with tempfile.TemporaryDirectory(prefix="sundial-bench-c-") as folder:
        source, library = Path(folder) / "reach.c", Path(folder) / "reach.so"
        source.write_text(SOURCE)
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)]
        subprocess.run(command, check=True)  # noqa: S603 # our own source, no shell
        return ctypes.CDLL(str(library))
