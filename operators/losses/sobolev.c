/* operators/losses/sobolev.c - mean over samples of |p - t|, or of |p - t| / |t|, in H^s:

     |f|^2 = sum_c w_c sum_k (alpha + |2 pi k / L|^2)^s |f_k|^2

   over all modes k of the periodic grid, f_k the Fourier coefficients divided by the number of
   points. s = 0 is L2, s = -1 the dual of s = 1. */
#include "operators/loss.h"

#include <leray/impl/ops.h>

typedef struct sobolev {
    leray_loss base;
    double s, alpha;
    leray_reals lengths;
    double grid_length[LERAY_AXES]; /* of the data; 0: not known yet */
    bool relative;
} sobolev;

static const leray_key rows[] = {
    LERAY_KEY_REAL(sobolev, s, "s", "1", -16, 16, "1", "order of the norm"),
    LERAY_KEY_REAL(sobolev, alpha, "alpha", "1", 0, 1e30, "1/m^2",
                   "alpha of the weights (alpha + |2 pi k / L|^2)^s; > 0 if s < 0"),
    LERAY_KEY_REALS(
        sobolev, lengths, "lengths", "0", 0, 1e30, "m",
        "period of each axis, the slowest first; one number serves all; 0: of the data"),
    LERAY_KEY_BOOL(sobolev, relative, "relative", "true",
                   "divide by the norm of the target, per sample"),
};

static leray_status init(leray_loss *self, const leray_config *cfg, const char *section)
{
    sobolev *l = (sobolev *)self;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), self));
    self->relative = l->relative;
    LERAY_CHECK(l->s >= 0 || l->alpha > 0, LERAY_ERR_CONFIG,
                "%s.alpha = %g must be positive where s = %g is negative: the mean mode has the "
                "weight alpha^s%s",
                section, l->alpha, l->s, leray_config_where(cfg, section, "alpha"));
    return LERAY_OK;
}

static leray_status prepare(leray_loss *self, const leray_grid *grid)
{
    sobolev *l = (sobolev *)self;
    int n = l->lengths.count;

    LERAY_CHECK(n == 1 || n == grid->ndim, LERAY_ERR_CONFIG,
                "the loss sobolev has %d lengths, the grid has %d axes; one number serves all", n,
                grid->ndim);
    LERAY_TRY(leray_grid_need_periodic(grid, "the loss sobolev"));
    LERAY_CHECK(
        !grid->mask && grid->kind == LERAY_BOX, LERAY_ERR_UNSUPPORTED,
        "the loss sobolev compares Fourier modes, which a grid with a mask and a sphere do not "
        "have: take relative-l2, or another loss over points");
    for (int a = 0; a < grid->ndim; a++) l->grid_length[a] = grid->axis[a].length;
    return LERAY_OK;
}

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar)
{
    const sobolev *l = (const sobolev *)self;
    double lengths[LERAY_AXES];

    for (int a = 0; a < LERAY_AXES; a++) {
        lengths[a] = l->lengths.value[a < l->lengths.count ? a : 0];
        if (lengths[a] == 0) lengths[a] = l->grid_length[a];
        LERAY_CHECK(
            lengths[a] > 0 || a + 2 >= prediction->ndim, LERAY_ERR_ARG,
            "the loss sobolev does not know the lengths of the grid: set its key lengths, or "
            "prepare it for a grid");
    }
    LERAY_TRY(leray_op_sobolev(tape, prediction, target, weight, l->s, l->alpha, lengths,
                               l->relative, scalar));
    return LERAY_OK;
}

const leray_loss_type leray_loss_sobolev = {
    .summary = "error in the Sobolev norm H^s, on periodic grids",
    .size = sizeof(sobolev),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .terms = LERAY_LOSS_CHANNELS,
    .apply = apply,
    .init = init,
    .prepare = prepare,
};
