/* solvers/solver.c - what all solvers share: their life, time, parameters and saved states. */
#include "solvers/solver.h"

#include "core/number.h"
#include "solvers/vorticity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SAVE_MAGIC UINT64_C(0x3176617379617265) /* "erasyav1", in the order of a little-endian */

/* What save writes before the parameters, in the order of their rows, and the solver's state. */
typedef struct saved {
    uint64_t magic, size, seed;
    int64_t steps;
    double time, dt;
    uint32_t simulation, started;
    char name[32];
} saved;

leray_status leray_solver_create_type(const leray_solver_type *type, const leray_config *cfg,
                                      const char *section, leray_solver **out)
{
    return leray_solver_create_type_on(leray_comm_self(), type, cfg, section, out);
}

leray_status leray_solver_create_type_on(const leray_comm *comm, const leray_solver_type *type,
                                         const leray_config *cfg, const char *section,
                                         leray_solver **out)
{
    leray_solver *self;
    leray_status status;

    *out = NULL;
    LERAY_CHECK(type->shared || leray_comm_size(comm) == 1, LERAY_ERR_UNSUPPORTED,
                "solver %s works on one rank and uses its threads, not on %d", type->name,
                leray_comm_size(comm));
    LERAY_TRY(leray_mem_alloc((void *)&self, 1, type->size));
    self->type = type;
    self->comm = comm;
    status = leray_mem_alloc((void *)&self->settings, 1, type->settings_size);
    if (!status) status = leray_config_read(cfg, section, type->keys, self->settings);
    if (!status) status = type->init(self, cfg, section);
    if (status) {
        leray_solver_destroy(&self);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = self;
    return LERAY_OK;
}

void leray_solver_destroy(leray_solver **solver)
{
    leray_solver *self = *solver;

    if (!self) return;
    self->type->fini(self);
    leray_comm_destroy(&self->own_comm);
    leray_mem_free(self->settings);
    leray_mem_free(self);
    *solver = NULL;
}

static double *parameter(const leray_solver *self, const leray_key *key)
{
    return (double *)(void *)((char *)self->settings + key->offset);
}

static leray_status find_parameter(const leray_solver *self, const char *name,
                                   const leray_key **out)
{
    leray_keys keys = self->type->keys;
    char list[1024] = "";
    size_t used = 0;

    for (int i = 0; i < keys.count; i++) {
        if (!keys.row[i].parameter) continue;
        *out = &keys.row[i];
        if (!strcmp(keys.row[i].name, name)) return LERAY_OK;
        if (used < sizeof list)
            used += (size_t)leray_print(list + used, sizeof list - used, "%s%s in [%g, %g]",
                                        used ? ", " : "", keys.row[i].name, keys.row[i].min,
                                        keys.row[i].max);
    }
    LERAY_FAIL(LERAY_ERR_ARG, "solver %s has no parameter '%s'; it has: %s", self->type->name, name,
               used ? list : "none");
}

leray_status leray_solver_set_parameter(leray_solver *self, const char *name, double value)
{
    const leray_key *key = NULL;

    LERAY_TRY(find_parameter(self, name, &key));
    LERAY_CHECK(value >= key->min && value <= key->max, LERAY_ERR_ARG,
                "parameter %s = %g of solver %s is not in [%g, %g]", name, value, self->type->name,
                key->min, key->max);
    *parameter(self, key) = value;
    if (self->type->set_parameters) LERAY_TRY(self->type->set_parameters(self));
    return LERAY_OK;
}

leray_status leray_solver_get_parameter(const leray_solver *self, const char *name, double *value)
{
    const leray_key *key = NULL;

    LERAY_TRY(find_parameter(self, name, &key));
    *value = *parameter(self, key);
    return LERAY_OK;
}

leray_status leray_solver_start(leray_solver *self, uint64_t seed, uint32_t simulation)
{
    self->started = false;
    self->seed = seed;
    self->simulation = simulation;
    self->time = self->dt = 0;
    self->steps = 0;
    LERAY_TRY(self->type->start(self));
    self->started = true;
    return LERAY_OK;
}

static leray_status step_to(leray_solver *self, double dt, double t_new)
{
    leray_status status = self->type->step(self, dt);

    if (status) {
        self->started = false;
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    self->time = t_new;
    self->dt = dt;
    self->steps++;
    return LERAY_OK;
}

leray_status leray_solver_equation(leray_solver *self, leray_vorticity_equation *out)
{
    LERAY_CHECK(self->type->equation, LERAY_ERR_UNSUPPORTED,
                "solver %s shows no equation of a vorticity, which residuals need: ns2d does",
                self->type->name);
    return self->type->equation(self, out);
}

leray_status leray_solver_start_from(leray_solver *self, const leray_frame *frame)
{
    self->started = false;
    LERAY_CHECK(self->type->assign, LERAY_ERR_UNSUPPORTED,
                "solver %s cannot start from given fields", self->type->name);
    self->time = frame->time;
    self->dt = 0;
    self->steps = 0;
    LERAY_TRY(self->type->assign(self, frame));
    self->started = true;
    return LERAY_OK;
}

static leray_status check_started(const leray_solver *self)
{
    LERAY_CHECK(self->started, LERAY_ERR_ARG,
                "solver %s has no running simulation: call leray_solver_start first",
                self->type->name);
    return LERAY_OK;
}

leray_status leray_solver_step(leray_solver *self, double dt)
{
    LERAY_TRY(check_started(self));
    LERAY_CHECK(dt > 0 && isfinite(dt), LERAY_ERR_ARG, "dt = %g is not in (0, inf)", dt);
    LERAY_TRY(step_to(self, dt, self->time + dt));
    return LERAY_OK;
}

/* The rest of the way is divided into equal steps, as few as max_dt allows up to rounding, so
   that the last one lands on t_end without a sliver. */
leray_status leray_solver_approach(leray_solver *self, double t_end)
{
    double rest = t_end - self->time, dt, n;

    LERAY_TRY(check_started(self));
    LERAY_CHECK(rest >= 0 && isfinite(t_end), LERAY_ERR_ARG,
                "t_end = %.17g is not in [%.17g, inf), where the time of solver %s begins", t_end,
                self->time, self->type->name);
    if (!(rest > 0)) return LERAY_OK;
    dt = self->type->max_dt ? self->type->max_dt(self) : rest;
    n = ceil(rest / dt * (1 - 1e-12));
    if (n <= 1) return step_to(self, rest, t_end);
    if (self->time + rest / n > self->time) return step_to(self, rest / n, self->time + rest / n);
    /* Also where n is not finite: velocities have grown without bound. */
    self->started = false;
    return leray_solver_diverged(self, dt, NAN);
}

leray_status leray_solver_advance(leray_solver *self, double t_end)
{
    do LERAY_TRY(leray_solver_approach(self, t_end));
    while (self->time < t_end);
    return LERAY_OK;
}

leray_status leray_solver_diverged(const leray_solver *self, double dt, double cfl)
{
    char number[64] = "";

    if (!isnan(cfl)) leray_print(number, sizeof number, ", CFL number %.3g", cfl);
    LERAY_FAIL(LERAY_ERR_DIVERGED,
               "solver %s, simulation %u of seed %llu: not finite after step %ld from time %.9g "
               "with dt = %.6g%s; take a smaller dt (CFL number below about 1), a larger viscosity "
               "or more points",
               self->type->name, (unsigned)self->simulation, (unsigned long long)self->seed,
               self->steps + 1, self->time, dt, number);
}

double leray_solver_time(const leray_solver *self) { return self->time; }
long leray_solver_steps(const leray_solver *self) { return self->steps; }

void leray_solver_frame(leray_solver *self, leray_frame *frame)
{
    *frame = (leray_frame){.time = self->time};
    self->type->frame(self, frame);
    if (frame->count == 0 && frame->first == 0) frame->count = frame->grid->axis[0].n;
}

int leray_solver_statistics(leray_solver *self, const leray_statistic **out)
{
    *out = NULL;
    return self->type->statistics ? self->type->statistics(self, out) : 0;
}

static size_t count_parameters(const leray_solver_type *type)
{
    size_t n = 0;

    for (int i = 0; i < type->keys.count; i++) n += type->keys.row[i].parameter;
    return n;
}

size_t leray_solver_save_size(const leray_solver *self)
{
    if (!self->type->state_size) return 0;
    return sizeof(saved) + count_parameters(self->type) * sizeof(double) +
           self->type->state_size(self);
}

leray_status leray_solver_save(const leray_solver *self, void *bytes)
{
    saved head;
    char *at = bytes;

    LERAY_CHECK(self->type->save, LERAY_ERR_UNSUPPORTED, "solver %s cannot save its state",
                self->type->name);
    memset(&head, 0, sizeof head);
    head.magic = SAVE_MAGIC, head.size = leray_solver_save_size(self), head.seed = self->seed;
    head.steps = self->steps, head.time = self->time, head.dt = self->dt;
    head.simulation = self->simulation, head.started = self->started;
    snprintf(head.name, sizeof head.name, "%s", self->type->name);
    memcpy(at, &head, sizeof head);
    at += sizeof head;
    for (int i = 0; i < self->type->keys.count; i++) {
        if (!self->type->keys.row[i].parameter) continue;
        memcpy(at, parameter(self, &self->type->keys.row[i]), sizeof(double));
        at += sizeof(double);
    }
    self->type->save(self, at);
    return LERAY_OK;
}

leray_status leray_solver_restore(leray_solver *self, const void *bytes, size_t size)
{
    saved head;
    const char *at = bytes;

    LERAY_CHECK(self->type->restore, LERAY_ERR_UNSUPPORTED, "solver %s cannot restore a state",
                self->type->name);
    LERAY_CHECK(size == leray_solver_save_size(self), LERAY_ERR_DATA,
                "%zu bytes are not a state of this solver %s, which has %zu", size,
                self->type->name, leray_solver_save_size(self));
    memcpy(&head, at, sizeof head);
    at += sizeof head;
    LERAY_CHECK(head.magic == SAVE_MAGIC && head.size == size &&
                    !strncmp(head.name, self->type->name, sizeof head.name),
                LERAY_ERR_DATA, "the bytes are not a saved state of solver %s", self->type->name);
    for (int i = 0; i < self->type->keys.count; i++) {
        if (!self->type->keys.row[i].parameter) continue;
        memcpy(parameter(self, &self->type->keys.row[i]), at, sizeof(double));
        at += sizeof(double);
    }
    self->started = false;
    self->seed = head.seed, self->simulation = head.simulation;
    self->steps = (long)head.steps, self->time = head.time, self->dt = head.dt;
    if (self->type->set_parameters) LERAY_TRY(self->type->set_parameters(self));
    LERAY_TRY(self->type->restore(self, at));
    self->started = head.started;
    return LERAY_OK;
}
