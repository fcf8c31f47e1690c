/* data/formats/well/well_impl.h - what the files of data/formats/well/well.h share. */
#ifndef LERAY_DATA_FORMATS_WELL_WELL_IMPL_H
#define LERAY_DATA_FORMATS_WELL_WELL_IMPL_H

#include "core/file.h"
#include "data/formats/well/h5.h"
#include "data/formats/well/well.h"

typedef struct leray_well_group { /* one dataset: a scalar or the components of a vector */
    char *name;
    const char *unit; /* of the example; only valid during create */
    int order, components;
    int member[LERAY_AXES]; /* their indices in the frame */
    bool is_static;
    leray_h5 dataset;
} leray_well_group;

struct leray_well_writer {
    leray_output output;
    bool begun, reserve; /* reserve: the places of all values are settled from the beginning */
    leray_h5 file;
    int n_trajectories, n_steps, n_sampled;
    leray_grid grid; /* a copy of the example's */
    size_t points;
    int n_members;    /* fields of a frame */
    char **member;    /* [n_members] their names */
    char **parameter; /* [n_sampled] names */
    int n_groups;
    leray_well_group *group; /* [n_members] */
    char *time_unit;
    int *valid;             /* [n_trajectories] */
    double *times;          /* [n_trajectories, n_steps], NaN until known */
    double *sampled;        /* [n_sampled, n_trajectories], NaN until known */
    float *buffer;          /* one frame of one group */
    const leray_comm *comm; /* of leray_well_create_on; NULL: the writer of one rank alone */
};

/* data/formats/well/well_writer.c. Checks what create was given, and copies grid and names. */
LERAY_NODISCARD leray_status leray_well_set_shape(leray_well_writer *w,
                                                  const leray_well_description *d,
                                                  const leray_frame *frame);
LERAY_NODISCARD leray_status leray_well_allocate(leray_well_writer *w);
LERAY_NODISCARD leray_status leray_well_close_all(leray_well_writer *w);
void leray_well_drop_all(leray_well_writer *w);
void leray_well_release(leray_well_writer *w); /* what the writer holds in memory */
/* Errors: ARG (a sampled parameter was not written, no trajectory has a frame). */
LERAY_NODISCARD leray_status leray_well_check_complete(const leray_well_writer *w);
/* What is known at the end: times, scalars of the trajectories, valid_steps. */
LERAY_NODISCARD leray_status leray_well_write_lines(leray_well_writer *w, leray_h5 file);

/* data/formats/well/well_layout.c. Groups the frame's fields and writes everything but values. */
LERAY_NODISCARD leray_status leray_well_put_layout(leray_well_writer *w,
                                                   const leray_well_description *d,
                                                   const leray_frame *frame);
/* What the frame's fields become: fills group, n_groups. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_well_group_fields(leray_well_writer *w,
                                                     const leray_well_description *d,
                                                     const leray_frame *frame);
/* A dataset of times: [n_steps], or [n_clocks, n_steps] of several clocks. */
LERAY_NODISCARD leray_status leray_well_put_times(const leray_well_writer *w, leray_h5 file,
                                                  int n_clocks, leray_h5 *out);

/* data/formats/well/well_shared.c. Every rank: completes and renames the file. */
LERAY_NODISCARD leray_status leray_well_commit_shared(leray_well_writer *w);

struct leray_well {
    leray_well_info info;
    leray_h5 file;
    char **axis; /* spatial_dims */
    char *dataset_name, *provenance, *time_unit;
    leray_axis view[LERAY_AXES]; /* while the file is opened: axes that borrow what follows */
    double *coordinates[LERAY_AXES];
    char *unit[LERAY_AXES];
    double *time;                    /* [n_clocks, n_steps] */
    int *valid;                      /* [n_trajectories] */
    leray_well_field *field;         /* [n_fields] */
    leray_h5 *dataset;               /* [n_fields] */
    leray_well_parameter *parameter; /* [n_parameters] */
    char **text;                     /* names and units of fields and parameters */
    int n_text, max_text;
    double *values; /* [n_parameters, n_trajectories] */
    size_t points;  /* of the grid */
    void *block;    /* room for one frame as stored, of float or double */
};

/* data/formats/well/well_open_grid.c: dimensions, boundary_conditions, mask. */
LERAY_NODISCARD leray_status leray_well_read_dimensions(leray_well *w, const char *path,
                                                        leray_h5 dimensions);
LERAY_NODISCARD leray_status leray_well_read_boundaries(leray_well *w, const char *path,
                                                        leray_h5 parent);
/* info.grid, from the two and the dataset "mask". */
LERAY_NODISCARD leray_status leray_well_make_grid(leray_well *w, const char *path);

#endif
