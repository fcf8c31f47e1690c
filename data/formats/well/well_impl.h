/* data/formats/well/well_impl.h - what the files of data/formats/well/well.h share. */
#ifndef LERAY_DATA_FORMATS_WELL_WELL_IMPL_H
#define LERAY_DATA_FORMATS_WELL_WELL_IMPL_H

#include "core/file.h"
#include "data/formats/well/h5.h"
#include "data/formats/well/well.h"

#define LERAY_WELL_NAME 64 /* bytes of a field's name */

typedef struct leray_well_group { /* one dataset: a scalar or the components of a vector */
    char name[LERAY_WELL_NAME];
    const char *unit; /* of the example; only valid during create */
    int order, components;
    int member[LERAY_WELL_AXES_MAX]; /* their indices in the frame */
    bool is_static;
    leray_h5 dataset;
} leray_well_group;

struct leray_well_writer {
    leray_output output;
    bool begun, reserve; /* reserve: the places of all values are settled from the beginning */
    leray_h5 file, time;
    int n_trajectories, n_steps, n_sampled;
    int ndim, shape[LERAY_WELL_AXES_MAX];
    size_t points;
    int n_members; /* fields of a frame */
    char member[LERAY_FRAME_FIELDS][LERAY_WELL_NAME];
    int n_groups;
    leray_well_group group[LERAY_FRAME_FIELDS];
    int *valid;        /* [n_trajectories] */
    double *times;     /* [n_steps], NaN until known */
    double *sampled;   /* [n_sampled, n_trajectories], NaN until known */
    leray_h5 *scalars; /* [n_sampled] */
    float *buffer;     /* one frame of one group */
    /* Of leray_well_create_on: */
    const leray_comm *comm;                /* NULL: the writer of one rank alone */
    char (*sampled_name)[LERAY_WELL_NAME]; /* [n_sampled] */
};

leray_status leray_well_allocate(leray_well_writer *w);
/* Every rank: completes and renames the file (data/formats/well/well_shared.c). */
LERAY_NODISCARD leray_status leray_well_commit_shared(leray_well_writer *w);
/* Errors: ARG (a sampled parameter was not written, no trajectory has a frame). */
LERAY_NODISCARD leray_status leray_well_check_complete(const leray_well_writer *w);

/* Groups the frame's fields and writes everything but values. */
leray_status leray_well_put_layout(leray_well_writer *w, const leray_well_description *d,
                                   const leray_frame *frame);

/* What the frame's fields become: fills group, n_groups. */
void leray_well_group_fields(leray_well_writer *w, const leray_well_description *d,
                             const leray_frame *frame);
/* Checks what create was given; fills all but what is allocated. */
LERAY_NODISCARD leray_status leray_well_set_shape(leray_well_writer *w,
                                                  const leray_well_description *d,
                                                  const leray_frame *frame);
LERAY_NODISCARD leray_status leray_well_close_all(leray_well_writer *w);
void leray_well_drop_all(leray_well_writer *w);

struct leray_well {
    leray_well_info info;
    leray_h5 file;
    char **axis; /* spatial_dims */
    char *dataset_name, *provenance;
    double *coordinates[LERAY_WELL_AXES_MAX], *time;
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

#endif
