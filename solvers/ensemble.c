/* solvers/ensemble.c - see solvers/ensemble.h. */
#include "solvers/ensemble.h"
#include "core/number.h"

#include <stdio.h>
#include <string.h>

#define FEW 16

static const leray_key rows[] = {
    LERAY_KEY_INT(leray_ensemble_settings, simulations, "simulations", "100", 1, 1e9, "1",
                  "number of simulations"),
    LERAY_KEY_INT(leray_ensemble_settings, frames, "frames", "20", 2, 1e6, "1",
                  "frames of each simulation, the first one at the end of the warm-up"),
    LERAY_KEY_REAL(leray_ensemble_settings, interval, "interval", "1", 1e-12, 1e12, "T",
                   "time between frames"),
    LERAY_KEY_REAL(leray_ensemble_settings, warmup, "warmup", "0", 0, 1e12, "T",
                   "time before the first frame"),
    LERAY_KEY_INT(
        leray_ensemble_settings, clients, "clients", "0", 0, 1024, "1",
        "simulations that run at the same time, on each rank; 0: as many as it has threads"),
    LERAY_KEY_INT(
        leray_ensemble_settings, ranks, "ranks", "1", 1, 1e6, "1",
        "leray gen: MPI ranks that work on one simulation; must divide the number of ranks"),
    LERAY_KEY_REALS(leray_ensemble_settings, delays, "delays", "[]", 0, 60, "s",
                    "time that client i sleeps at each frame, to try out slow solvers"),
};
const leray_keys leray_ensemble_keys = {rows, (int)(sizeof rows / sizeof rows[0])};

static const char *const scales[] = {"linear", "log", NULL};

static const leray_key range_rows[] = {
    LERAY_KEY_REAL(leray_range_settings, min, "min", NULL, -1e300, 1e300, "as the parameter",
                   "smallest value"),
    LERAY_KEY_REAL(leray_range_settings, max, "max", NULL, -1e300, 1e300, "as the parameter",
                   "largest value"),
    LERAY_KEY_CHOICE(leray_range_settings, scale, "scale", "linear", scales,
                     "uniform in the value, or in its logarithm"),
};
const leray_keys leray_range_keys = {range_rows, (int)(sizeof range_rows / sizeof range_rows[0])};

/* A range in the deck, inside what the solver's table allows. */
static leray_status read_range(leray_ensemble *e, const leray_key *key, const char *section)
{
    leray_range_settings s;
    leray_range *range = &e->range[e->n_parameters];

    LERAY_TRY(leray_config_read(e->cfg, section, leray_range_keys, &s));
    *range = (leray_range){s.min, s.max, s.scale == 1};
    LERAY_TRY(leray_range_check(range, section));
    LERAY_CHECK(s.min >= key->min && s.max <= key->max, LERAY_ERR_CONFIG,
                "%s: [%g, %g]%s must lie in [%g, %g], the range of solver.%s", section, s.min,
                s.max, leray_config_where(e->cfg, section, "min"), key->min, key->max, key->name);
    e->parameter[e->n_parameters++] = key;
    return LERAY_OK;
}

static leray_status read_parameters(leray_ensemble *e)
{
    size_t most = (size_t)e->solver->keys.count;

    LERAY_TRY(LERAY_ALLOC(&e->parameter, most));
    LERAY_TRY(LERAY_ALLOC(&e->range, most));
    for (int k = 0; k < e->solver->keys.count; k++) {
        const leray_key *key = &e->solver->keys.row[k];
        char section[LERAY_TEXT_MAX], **names;
        int count;

        if (!key->parameter) continue;
        snprintf(section, sizeof section, "parameters.%s", key->name);
        LERAY_TRY(leray_config_names(e->cfg, section, &count, &names));
        leray_mem_free(names);
        if (count) LERAY_TRY(read_range(e, key, section));
    }
    return LERAY_OK;
}

static leray_status create_sampler(leray_ensemble *e, const leray_sampler_type *type)
{
    const char **names;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&names, (size_t)e->n_parameters));
    for (int k = 0; k < e->n_parameters; k++) names[k] = e->parameter[k]->name;
    status = leray_sampler_create_deck(
        type, &(leray_sampler_deck){e->cfg, "parameters", names, e->range}, e->seed,
        (int)e->settings.simulations, e->n_parameters, true, &e->sampler);
    leray_mem_free((void *)names);
    return status;
}

leray_status leray_ensemble_init(leray_ensemble *e, const leray_config *cfg,
                                 const leray_solver_type *solver, const leray_sampler_type *sampler,
                                 uint64_t seed, int64_t simulations, int64_t frames)
{
    memset(e, 0, sizeof *e);
    e->cfg = cfg;
    e->solver = solver;
    e->seed = seed;
    LERAY_TRY(leray_config_read(cfg, "ensemble", leray_ensemble_keys, &e->settings));
    if (simulations > 0) e->settings.simulations = simulations;
    if (frames > 0) e->settings.frames = frames;
    LERAY_CHECK(e->settings.simulations <= INT32_MAX, LERAY_ERR_CONFIG,
                "ensemble.simulations is at most %d", INT32_MAX);
    LERAY_TRY(read_parameters(e));
    return e->n_parameters > 0 ? create_sampler(e, sampler) : LERAY_OK;
}

void leray_ensemble_fini(leray_ensemble *e)
{
    leray_sampler_destroy(&e->sampler);
    leray_mem_free(e->range);
    leray_mem_free((void *)e->parameter);
    e->range = NULL, e->parameter = NULL;
}

leray_status leray_ensemble_values(const leray_ensemble *e, double **out)
{
    return LERAY_ALLOC(out, (size_t)e->n_parameters + 1);
}

leray_status leray_ensemble_parameters(const leray_ensemble *e, int i, double *values)
{
    if (!e->sampler) return LERAY_OK;
    LERAY_TRY(leray_sampler_point(e->sampler, i, values));
    for (int k = 0; k < e->n_parameters; k++) values[k] = leray_range_map(&e->range[k], values[k]);
    return LERAY_OK;
}

leray_status leray_ensemble_solver(const leray_ensemble *e, leray_solver **out)
{
    return leray_solver_create_type(e->solver, e->cfg, "solver", out);
}

leray_status leray_ensemble_solver_on(const leray_ensemble *e, const leray_comm *comm,
                                      leray_solver **out)
{
    return leray_solver_create_type_on(comm, e->solver, e->cfg, "solver", out);
}

/* Simulations begin without allocation where few parameters vary. */
leray_status leray_ensemble_start(const leray_ensemble *e, leray_solver *solver, int i)
{
    double few[FEW], *many = NULL, *values = few;
    leray_status status;

    if (e->n_parameters > FEW) {
        LERAY_TRY(leray_ensemble_values(e, &many));
        values = many;
    }
    status = leray_ensemble_parameters(e, i, values);
    for (int k = 0; k < e->n_parameters && !status; k++)
        status = leray_solver_set_parameter(solver, e->parameter[k]->name, values[k]);
    leray_mem_free(many);
    return status ? status : leray_solver_start(solver, e->seed, (uint32_t)i);
}

leray_status leray_ensemble_advance(const leray_ensemble *e, leray_solver *solver, int k)
{
    return leray_solver_advance(solver, e->settings.warmup + k * e->settings.interval);
}

void leray_ensemble_describe(const leray_ensemble *e, const double *values, size_t size, char *out)
{
    size_t used = 0;

    out[0] = '\0';
    for (int k = 0; k < e->n_parameters && used < size; k++)
        used += (size_t)leray_print(out + used, size - used, "%s%s = %.6g", k ? ", " : "",
                                    e->parameter[k]->name, values[k]);
}
