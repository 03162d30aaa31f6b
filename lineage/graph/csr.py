"""Compressed sparse rows: grouping, expansion and levels, on plain numpy arrays (pure).

Layout after the format of numerical libraries: ``start`` bounds the groups of
``item``, group g being ``item[start[g]:start[g + 1]]``.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def starts_of(groups: Array, count: int) -> Array:
    """Bounds of ``count`` groups, from the group of each item; 64 bits only where needed."""
    sizes = np.bincount(groups, minlength=count) if len(groups) else np.zeros(count, dtype=np.int64)
    starts = np.zeros(count + 1, dtype=index_type(len(groups)))
    np.cumsum(sizes, out=starts[1:])
    return starts


def index_type(count: int) -> type[np.signedinteger[Any]]:
    """The narrower integer that can index ``count`` items."""
    return np.int32 if count <= np.iinfo(np.int32).max else np.int64


def sorted_pairs(major: Array, minor: Array, *, minor_count: int) -> tuple[Array, Array]:
    """Both columns, ordered by the first and then the second; all values not negative.

    Sorts one 64-bit key a pair, several times faster than an indirect sort.
    """
    bits = max(minor_count - 1, 1).bit_length()
    keys = major.astype(np.int64) << bits
    keys |= minor
    keys.sort()
    return keys >> bits, keys & ((1 << bits) - 1)


def is_first(*columns: Array) -> Array:
    """Where a row of the sorted columns differs from the row before it."""
    first = np.ones(len(columns[0]), dtype=bool)
    if len(first) > 1:
        np.not_equal(columns[0][1:], columns[0][:-1], out=first[1:])
        for column in columns[1:]:
            first[1:] |= column[1:] != column[:-1]
    return first


def distinct(values: Array) -> Array:
    """The distinct values, ascending; a plain sort, which beats a hash table here."""
    ordered = np.sort(values)
    return ordered[is_first(ordered)]


def positions_of(wanted: Array, keys: Array, *, order: Array | None = None) -> Array:
    """Where each wanted value stands among ``keys``; raises KeyError for one that does not.

    ``order`` sorts the keys; without it they are sorted already.
    """
    wanted = np.asarray(wanted, dtype=np.int64)
    if len(wanted) and not len(keys):
        raise KeyError(int(wanted[0]))
    places = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    found = places if order is None else order[places]
    missing = keys[found] != wanted
    if missing.any():
        raise KeyError(int(wanted[missing][0]))
    return found.astype(np.int32)


def expand(start: Array, groups: Array) -> tuple[Array, Array]:
    """Positions of the items of all the groups, group after group, and the size of each."""
    begins = start[groups]
    sizes = start[groups + 1] - begins
    filled = sizes > 0
    begins, counts = begins[filled], sizes[filled]
    if not len(counts):
        return np.empty(0, dtype=start.dtype), sizes
    ends = np.cumsum(counts, dtype=np.int64)
    # Steps of one inside a group and a jump at the start of each, summed up.
    positions = np.ones(int(ends[-1]), dtype=start.dtype)
    positions[0] = begins[0]
    positions[ends[:-1]] = begins[1:] - (begins[:-1] + counts[:-1]) + 1
    np.cumsum(positions, out=positions)
    return positions, sizes


def neighbours(start: Array, item: Array, groups: Array) -> Array:
    """The items of all the groups, group after group."""
    if len(groups) == 1:
        return item[start[groups[0]] : start[groups[0] + 1]]
    return item[expand(start, groups)[0]]


def levels(start: Array, item: Array, roots: Array, nodes: int) -> Array:
    """Node -> hops from the nearest root, -1 where no root leads.

    Breadth-first, each edge looked at once, so a cycle ends it.
    """
    level = np.full(nodes, -1, dtype=np.int32)
    writer = np.empty(nodes, dtype=np.int32)
    frontier = distinct(roots)
    level[frontier] = 0
    hops = 0
    while len(frontier):
        hops += 1
        found = neighbours(start, item, frontier)
        found = found[level[found] < 0]
        level[found] = hops
        # Distinct without a sort: whoever wrote last stands for the node.
        places = np.arange(len(found), dtype=np.int32)
        writer[found] = places
        frontier = found[writer[found] == places]
    return level
