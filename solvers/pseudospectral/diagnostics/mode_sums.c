/* solvers/pseudospectral/diagnostics/mode_sums.c - see solvers/pseudospectral/diagnostics/mode_sums.h. */
#include "solvers/pseudospectral/diagnostics/mode_sums.h"

#include "core/mem.h"
#include "core/threads.h"

#include <omp.h>
#include <string.h>

#define PIECES 64 /* more than threads of a rank, few enough for their sums to be small */

static int lines_of(const leray_mode_sums *sums)
{
    return leray_integrator_state(sums->view->integrator)->fields + sums->vectors * sums->box->ndim;
}

leray_status leray_mode_sums_init(leray_mode_sums *sums, const leray_spectral_view *view,
                                  int vectors, int count)
{
    const leray_box *box = leray_integrator_state(view->integrator)->box;
    size_t pieces, pitch = (size_t)box->pitch, lines;

    *sums = (leray_mode_sums){.view = view, .box = box, .vectors = vectors, .count = count};
    sums->pieces = box->columns < PIECES ? box->columns : PIECES;
    pieces = (size_t)sums->pieces;
    lines = (size_t)lines_of(sums);
    sums->lines = (lines + 1) * pitch;
    LERAY_TRY(LERAY_ALLOC(&sums->line, pieces * sums->lines));
    LERAY_TRY(LERAY_ALLOC(&sums->table, pieces * lines));
    LERAY_TRY(LERAY_ALLOC(&sums->partial, pieces * (size_t)count));
    for (size_t p = 0; p < pieces; p++)
        for (size_t i = 0; i < lines; i++)
            sums->table[p * lines + i] = sums->line + p * sums->lines + i * pitch;
    return LERAY_OK;
}

void leray_mode_sums_fini(leray_mode_sums *sums)
{
    leray_mem_free(sums->line);
    leray_mem_free(sums->table);
    leray_mem_free(sums->partial);
    *sums = (leray_mode_sums){0};
}

/* The vectors of a column, in the lines of a piece. */
static void fill(leray_mode_sums *sums, const leray_mode_vector *vector, int piece,
                 const leray_column *column, double complex **lines)
{
    int ndim = sums->box->ndim, fields = leray_integrator_state(sums->view->integrator)->fields;
    double complex *own = sums->line + (size_t)piece * sums->lines;

    for (int v = 0; v < sums->vectors; v++) {
        for (int f = 0; f < fields; f++)
            lines[f] = leray_modes_load(vector[v].fields, f, column->index,
                                        own + (size_t)f * (size_t)sums->box->pitch);
        vector[v].lines(sums->view->self, column, lines, lines + fields + v * ndim);
    }
}

static void one_piece(leray_mode_sums *sums, const leray_mode_vector *vector, leray_mode_work *work,
                      void *self, int piece)
{
    const leray_box *box = sums->box;
    int fields = leray_integrator_state(sums->view->integrator)->fields;
    int first = (int)((long)box->columns * piece / sums->pieces);
    int last = (int)((long)box->columns * (piece + 1) / sums->pieces);
    double complex **lines = sums->table + (size_t)piece * (size_t)lines_of(sums);
    double *partial = sums->partial + (size_t)piece * (size_t)sums->count;
    double *viscous = (double *)(sums->line + (size_t)(piece + 1) * sums->lines - box->pitch);

    memset(partial, 0, (size_t)sums->count * sizeof *partial);
    for (int c = first; c < last; c++) {
        leray_column column = leray_box_column(box, c, omp_get_thread_num());

        fill(sums, vector, piece, &column, lines);
        sums->view->viscous(sums->view->self, &column, viscous);
        work(self, &(leray_mode_lines){&column, box->ndim, lines + fields, viscous}, partial);
    }
}

leray_status leray_mode_sums_run(leray_mode_sums *sums, const leray_mode_vector *vector,
                                 leray_mode_work *work, void *self, double *out)
{
    size_t count = (size_t)sums->count;
    int threads = leray_threads(),
        most = leray_transforms_threads(leray_integrator_transforms(sums->view->integrator));

#pragma omp parallel for schedule(dynamic) num_threads(threads < most ? threads : most)
    for (int p = 0; p < sums->pieces; p++) one_piece(sums, vector, work, self, p);
    memset(out, 0, count * sizeof *out);
    for (size_t p = 0; p < (size_t)sums->pieces; p++)
        for (size_t i = 0; i < count; i++) out[i] += sums->partial[p * count + i];
    LERAY_TRY(leray_comm_sum(sums->box->comm, out, count));
    return LERAY_OK;
}

void leray_mode_curl(int ndim, const leray_column *column, double complex *const *u, int r,
                     double complex *curl)
{
    double kx = column->kx, ky = ndim == 2 ? column->ks[r] : column->km, kz = column->ks[r];

    if (ndim == 2) {
        curl[0] = I * (kx * u[1][r] - ky * u[0][r]);
        return;
    }
    curl[0] = I * (ky * u[2][r] - kz * u[1][r]);
    curl[1] = I * (kz * u[0][r] - kx * u[2][r]);
    curl[2] = I * (kx * u[1][r] - ky * u[0][r]);
}
