/* solvers/run/state_impl.h - what writing and reading of states share. */
#ifndef LERAY_SOLVERS_RUN_STATE_IMPL_H
#define LERAY_SOLVERS_RUN_STATE_IMPL_H

#include "data/formats/well/h5.h"
#include "solvers/pseudospectral/engine/view.h"
#include "solvers/run/state.h"

#define LERAY_STATE_FORMAT "leray-state"
#define LERAY_STATE_VERSION 1
#define LERAY_STATE_NAME "state.h5"
#define LERAY_STATE_PREVIOUS "state.previous.h5"

LERAY_NODISCARD leray_status leray_state_checksum_head(const leray_state_head *head,
                                                       const char *solver, const char *deck,
                                                       char out[LERAY_CHECKSUM_TEXT]);

struct leray_state {
    char path[LERAY_PATH_MAX];
    leray_h5 file;
    leray_state_head head;
    char *solver, *deck, *provenance, *checksum;
    char **field;    /* names */
    int fields;      /* 0: bytes */
    size_t shape[3]; /* of the planes: [x, middle, slow] */
};

/* Between lock and unlock of data/formats/well/h5.h: the dataset of a field in a group; plane i of a field,
   [middle, slow], and the bytes, both as they were written. Errors: DATA. */
LERAY_NODISCARD leray_status leray_state_open_field(const leray_state *s, const char *group,
                                                    int field, leray_h5 *out);
LERAY_NODISCARD leray_status leray_state_read_plane(const leray_state *s, leray_h5 values,
                                                    leray_h5 sums, size_t i, double complex *plane);
LERAY_NODISCARD leray_status leray_state_read_bytes(const leray_state *s, size_t *size, char **out);

#endif
