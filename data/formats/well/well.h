/* data/formats/well/well.h - ensembles in the HDF5 layout of The Well. Private.

   Layout: docs/data_format.md of PolymathicAI/the_well. Groups dimensions, boundary_conditions,
   scalars, t0_fields (scalars), t1_fields (vectors), t2_fields (tensors); a field is
   [n_trajectories, n_steps, axes.., components] in float32, one chunk per
   frame, or in one piece (leray_well_create_on). Axes keep the row-major order of leray_frame, so spatial_dims is ["y", "x"] in 2-D and a vector's components
   are stored in that order too: (u_y, u_x). Readers here give components in the file's order,
   named "<field>_<axis>".

   Times and coordinates are written in double precision. Times that differ between trajectories are
   [n_trajectories, n_steps] with sample_varying. Each boundary is a group with a mask over its axis that
   is true at the side where it holds.

   Beyond the page: attribute "units" on fields, coordinates and scalars; attributes "points" (vertices,
   centres, coordinates), "start" and "length" on coordinates (include/leray/grid.h); attribute "kind" =
   "pole" on a boundary that is one; attribute "provenance" at the root; at the root dataset "mask"
   [axes..], 0 where fields have no values, and dataset "valid_steps" [n_trajectories], how many leading
   steps of a trajectory hold data (fewer than n_steps where a simulation failed or is shorter; the rest
   is NaN). A file without "points" has even coordinates at vertices where the axis is periodic, else at
   the centres of cells.

   All HDF5 calls of the process run under one lock, because Debian's HDF5 for MPI is not
   thread-safe; MPI itself need not be started. */
#ifndef LERAY_DATA_FORMATS_WELL_WELL_H
#define LERAY_DATA_FORMATS_WELL_WELL_H

#include "core/comm.h"
#include "core/error.h"
#include <leray/frame.h>

#include <stdbool.h>
#include <stddef.h>

typedef struct leray_well_constant { /* a parameter that all trajectories share */
    const char *name, *unit;
    double value;
} leray_well_constant;

typedef struct leray_well_sampled { /* a parameter with one value per trajectory */
    const char *name, *unit;
} leray_well_sampled;

typedef struct leray_well_description {
    const char *dataset_name;
    int n_trajectories, n_steps;
    const char *time_unit; /* NULL: "1" */
    int n_constants;
    const leray_well_constant *constants;
    int n_sampled;
    const leray_well_sampled *sampled;
    int n_static; /* names of fields without time dependence, e.g. Darcy's coefficient */
    const char *const *static_fields;
    const char *provenance; /* one text; NULL: none */
} leray_well_description;

typedef struct leray_well_writer leray_well_writer;

/* Starts the file under a temporary name. Grid and fields are those of `example`, whose values
   are not written; fields "<stem>_<axis>" present for every axis become the vector <stem>.
   Errors: ARG, IO, MEMORY. On failure *out is NULL and no file is left. */
LERAY_NODISCARD leray_status leray_well_create(const char *path,
                                               const leray_well_description *description,
                                               const leray_frame *example, leray_well_writer **out);
/* In any order of trajectories; the steps of one trajectory from 0 upwards. Static fields are
   taken from step 0. The times of a trajectory are those of its frames; where all trajectories agree
   on them the file has one clock.
   A failed simulation needs no call: its trajectory ends with the last frame written. After an
   IO error only abandon is allowed. Errors: ARG (range, order, other grid or fields),
   DIVERGED (a value is not finite, or not within float32; nothing is written), IO. Under the grid's mask any
   value may stand, NaN too: it is written as it is, and leray_trajectories_read gives 0. */
LERAY_NODISCARD leray_status leray_well_write(leray_well_writer *writer, int trajectory, int step,
                                              const leray_frame *frame);
/* `values` [n_sampled], in the order of the description. */
LERAY_NODISCARD leray_status leray_well_write_parameters(leray_well_writer *writer, int trajectory,
                                                         const double *values);
/* Completes and renames the file, and destroys the writer, also on failure. Trajectories with
   missing frames stay: valid_steps says so. Errors: ARG (a sampled parameter was not written,
   no trajectory reached step 0), IO. */
LERAY_NODISCARD leray_status leray_well_commit(leray_well_writer **writer);
void leray_well_abandon(leray_well_writer **writer); /* removes it; accepts a pointer to NULL */

/* ---- an ensemble, from the ranks of a group into one file ----

   Each rank writes the frames of its own trajectories, and of a frame that is divided its own planes
   (leray_frame), with leray_well_write, at its own pace. Fields lie in one piece each, whose places are
   settled from the beginning, so that the file's bytes do not depend on who wrote what and when. */

/* Every rank of `comm`, which outlives the writer; the description counts on rank 0. commit and abandon are
   then every rank's too. A trajectory's parameters come from one rank at least. What no rank has written is
   NaN. Errors: as leray_well_create; PEER. */
LERAY_NODISCARD leray_status leray_well_create_on(const leray_comm *comm, const char *path,
                                                  const leray_well_description *description,
                                                  const leray_frame *example,
                                                  leray_well_writer **out);

/* ---- one simulation, frame by frame, from the ranks of a group ----

   Such a file is there from the beginning, with room for all frames; valid_steps says how many it
   holds; the values of later ones are not defined. It stays readable, and can be written on, if the
   process ends at any moment. */

/* On one rank. `times` [d->n_steps]. The file appears at `path` complete or not at all. Errors: ARG,
   IO, MEMORY. */
LERAY_NODISCARD leray_status leray_well_series_create(const char *path,
                                                      const leray_well_description *d,
                                                      const double *times,
                                                      const leray_frame *example);
/* Every rank of `comm`, each with its planes. valid_steps becomes step + 1 when all is written.
   Errors: DIVERGED (as leray_well_write; nothing is written), IO, MEMORY, PEER. */
LERAY_NODISCARD leray_status leray_well_series_write(const char *path, const leray_comm *comm,
                                                     int step, const leray_frame *frame);
/* On one rank: only the first `steps` frames count. */
LERAY_NODISCARD leray_status leray_well_series_set_valid(const char *path, int steps);

typedef struct leray_well_field {
    const char *name, *unit; /* unit "" where the file has none */
    int order;               /* 0 scalar, 1 vector, 2 tensor */
    int components;          /* ndim^order */
    bool sample_varying, time_varying, dim_varying[LERAY_AXES];
} leray_well_field;

typedef struct leray_well_parameter {
    const char *name, *unit;
    bool sample_varying;
    const double *values; /* [n_trajectories] */
} leray_well_parameter;

typedef struct leray_well_info {
    const char *dataset_name, *provenance; /* "" where the file has none */
    int n_trajectories, n_steps;
    leray_grid grid;        /* axes as the file names them, boundaries, coordinates, mask */
    int n_clocks;           /* 1: all trajectories have the same times; else n_trajectories */
    const double *time;     /* [n_clocks, n_steps]; NaN behind the valid steps */
    const char *time_unit;  /* "" where the file has none */
    const int *valid_steps; /* [n_trajectories]; n_steps in foreign files */
    int n_fields;
    const leray_well_field *field;
    int n_parameters; /* scalars that do not vary in time */
    const leray_well_parameter *parameter;
} leray_well_info;

typedef struct leray_well leray_well; /* a file open for reading */

/* Errors: DATA (missing, not HDF5, truncated, or not this layout: names the group, dataset or
   attribute), MEMORY. On failure *out is NULL. */
LERAY_NODISCARD leray_status leray_well_open(const char *path, leray_well **out);
void leray_well_close(leray_well **well);                           /* accepts a pointer to NULL */
const leray_well_info *leray_well_get_info(const leray_well *well); /* borrowed until close */
/* Of a step of a trajectory, both in range. */
double leray_well_time(const leray_well_info *info, int trajectory, int step);

/* One frame of field f as [components, axes..]; what a field does not vary along is repeated.
   Does not allocate. Errors: ARG (range; step not below valid_steps), DATA. */
LERAY_NODISCARD leray_status leray_well_read_float(leray_well *well, int trajectory, int step,
                                                   int f, float *out);
LERAY_NODISCARD leray_status leray_well_read_double(leray_well *well, int trajectory, int step,
                                                    int f, double *out);
/* Index of the field `name`. Errors: DATA, listing the fields there are. */
LERAY_NODISCARD leray_status leray_well_find_field(const leray_well *well, const char *name,
                                                   int *f);

#endif
