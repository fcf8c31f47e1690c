"""cli_well.py - writes files in The Well's layout by h5py, as other groups write them, for the tests that run
the command."""
import h5py
import numpy as np


def write(path, fields, axes, times, scalars=None, **options):
    """fields: name -> array [trajectory, time, points ..]; axes: name -> coordinates, slowest first; scalars: name ->
    value. `options` go to h5py for the fields."""
    n = len(next(iter(fields.values())))
    with h5py.File(path, "w") as f:
        f.attrs["dataset_name"] = "by hand"
        f.attrs["grid_type"] = "cartesian"
        f.attrs["n_spatial_dims"] = len(axes)
        f.attrs["n_trajectories"] = n
        f.attrs["simulation_parameters"] = list(scalars or {})
        d = f.create_group("dimensions")
        d.attrs["spatial_dims"] = list(axes)
        lines = dict(axes, time=times)
        for name, values in lines.items():
            put(d, name, np.asarray(values, float), time_varying=name == "time")
        b = f.create_group("boundary_conditions")
        for name, values in axes.items():
            g = b.create_group(name + "_periodic")
            g.attrs["associated_dims"] = [name]
            g.attrs["associated_fields"] = []
            g.attrs["bc_type"] = "PERIODIC"
            g.attrs["sample_varying"] = g.attrs["time_varying"] = False
            mask = np.zeros(len(values), bool)
            mask[[0, -1]] = True
            g["mask"] = mask
        s = f.create_group("scalars")
        s.attrs["field_names"] = list(scalars or {})
        for name, value in (scalars or {}).items():
            put(s, name, value, time_varying=False)
        for order in range(3):
            g = f.create_group(f"t{order}_fields")
            g.attrs["field_names"] = list(fields) if order == 0 else []
            for name, values in fields.items() if order == 0 else ():
                x = g.create_dataset(name, data=np.asarray(values, "f4"), **options)
                x.attrs["dim_varying"] = [True] * len(axes)
                x.attrs["sample_varying"] = x.attrs["time_varying"] = True


def put(group, name, value, time_varying):
    x = group.create_dataset(name, data=value)
    x.attrs["sample_varying"], x.attrs["time_varying"] = False, time_varying


def waves(n, k, trajectories=2, steps=3):
    """A wave that travels, on n points per axis."""
    x = np.indices((n, n)).sum(0) * 2 * np.pi / n
    return np.array([[np.sin(k * x + t / 3 + i) for t in range(steps)] for i in range(trajectories)])
