#!/usr/bin/python3
"""check_well.py FILE - does an HDF5 file follow the layout of The Well?

Checks every group, attribute, dataset and shape that docs/data_format.md of PolymathicAI/the_well
asks for. Prints one line per defect and ends with 1 if there is any, 0 if there is none.
"""
import sys

import h5py
import numpy as np

GROUPS = ["dimensions", "boundary_conditions", "scalars", "t0_fields", "t1_fields", "t2_fields"]
defects = []


def want(condition, *what):
    if not condition:
        defects.append(" ".join(str(w) for w in what))
    return bool(condition)


def attribute(at, name, kind):
    """The attribute, if it is there and of `kind`: 'text', 'texts', 'bool', 'bools', 'int', 'real'."""
    if not want(name in at.attrs, at.name, "lacks attribute", name):
        return None
    value = at.attrs[name]
    good = {
        "text": lambda v: isinstance(v, str),
        "texts": lambda v: isinstance(v, np.ndarray) and all(isinstance(t, str) for t in v),
        "bool": lambda v: isinstance(v, (bool, np.bool_)),
        "bools": lambda v: isinstance(v, np.ndarray) and v.dtype == bool and v.ndim == 1,
        "int": lambda v: isinstance(v, (int, np.integer)),
        "real": lambda v: isinstance(v, (float, np.floating)),
    }[kind](value)
    if not want(good, at.name, "attribute", name, "is not", kind, "but", repr(value)):
        return None
    return list(value) if kind in ("texts", "bools") else value


def dataset(group, name, shape=None):
    if not want(name in group and isinstance(group[name], h5py.Dataset), group.name, "lacks dataset", name):
        return None
    d = group[name]
    want(d.dtype in (np.float32, np.float64), d.name, "is", d.dtype, "not float32 or float64")
    if shape is not None:
        want(d.shape == tuple(shape), d.name, "has shape", d.shape, "expected", tuple(shape))
    return d


def check_root(f):
    attribute(f, "dataset_name", "text")
    grid = attribute(f, "grid_type", "text")
    want(grid in ("cartesian", "spherical"), "grid_type is", grid)
    for name in attribute(f, "simulation_parameters", "texts") or []:
        attribute(f, name, "real")
    return attribute(f, "n_spatial_dims", "int"), attribute(f, "n_trajectories", "int")


def check_dimensions(g, n_dims):
    names = attribute(g, "spatial_dims", "texts") or []
    want(len(names) == n_dims, "spatial_dims has", len(names), "names, n_spatial_dims is", n_dims)
    shape = {}
    for name in ["time"] + names:
        d = dataset(g, name)
        if d is None:
            continue
        want(d.ndim == 1, d.name, "has", d.ndim, "axes")
        attribute(d, "sample_varying", "bool")
        if name != "time":
            attribute(d, "time_varying", "bool")
            want(np.all(np.diff(d[...]) > 0), d.name, "does not increase")
        shape[name] = d.shape[0]
    return names, shape


def check_boundaries(g, names, shape):
    seen = set()
    for key, b in g.items():
        dims = attribute(b, "associated_dims", "texts") or []
        seen.update(dims)
        fields = attribute(b, "associated_fields", "texts")
        kind = attribute(b, "bc_type", "text")
        want(kind and kind.lower() in ("periodic", "wall", "open"), b.name, "bc_type is", kind)
        attribute(b, "sample_varying", "bool")
        attribute(b, "time_varying", "bool")
        if want("mask" in b, b.name, "lacks dataset mask"):
            want(b["mask"].dtype == bool, b["mask"].name, "is", b["mask"].dtype, "not bool")
            want(b["mask"].shape == tuple(shape.get(d) for d in dims), b["mask"].name, "has shape", b["mask"].shape)
        if fields:
            d = dataset(b, "values")
            want(d is None or d.shape[-1] == np.sum(b["mask"]), b.name, "values do not fit the mask")
    want(seen == set(names), "boundary_conditions cover", sorted(seen), "of", names)


def flags(d):
    return attribute(d, "sample_varying", "bool"), attribute(d, "time_varying", "bool")


def check_scalars(g, n_trajectories, n_steps):
    names = attribute(g, "field_names", "texts") or []
    want(set(names) == set(g.keys()), g.name, "field_names", names, "are not its datasets", list(g.keys()))
    for name in names:
        d = dataset(g, name)
        if d is not None:
            sample, time = flags(d)
            shape = ([n_trajectories] if sample else []) + ([n_steps] if time else [])
            want(d.shape == tuple(shape or [1]), d.name, "has shape", d.shape, "expected", shape or [1])


def check_fields(g, order, n_trajectories, n_steps, extents):
    names = attribute(g, "field_names", "texts") or []
    want(set(names) == set(g.keys()), g.name, "field_names", names, "are not its datasets", list(g.keys()))
    for name in names:
        d = dataset(g, name)
        if d is None:
            continue
        sample, time = flags(d)
        varying = attribute(d, "dim_varying", "bools") or []
        want(len(varying) == len(extents), d.name, "dim_varying has", len(varying), "entries")
        shape = ([n_trajectories] if sample else []) + ([n_steps] if time else [])
        shape += [n for n, v in zip(extents, varying) if v]
        shape += [len(extents)] * order
        want(d.shape == tuple(shape), d.name, "has shape", d.shape, "expected", tuple(shape))
        if order == 2:
            attribute(d, "symmetric", "bool")
            attribute(d, "antisymmetric", "bool")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with h5py.File(sys.argv[1], "r") as f:
        n_dims, n_trajectories = check_root(f)
        missing = [g for g in GROUPS if not want(g in f and isinstance(f[g], h5py.Group), "lacks group", g)]
        if not missing:
            names, shape = check_dimensions(f["dimensions"], n_dims)
            extents = [shape.get(n) for n in names]
            check_boundaries(f["boundary_conditions"], names, shape)
            check_scalars(f["scalars"], n_trajectories, shape.get("time"))
            for order in range(3):
                check_fields(f["t%d_fields" % order], order, n_trajectories, shape.get("time"), extents)
            want(any(len(f["t%d_fields" % k]) for k in range(3)), "no fields at all")
    for line in defects:
        print("%s: %s" % (sys.argv[1], line))
    sys.exit(1 if defects else 0)


main()
