/* tests/solver_tools.h - solvers made from a few lines of YAML, and errors of frames. */
#ifndef LERAY_TESTS_SOLVER_TOOLS_H
#define LERAY_TESTS_SOLVER_TOOLS_H

#include "check.h"

#include "solvers/solver.h"

#define LERAY_SOLVER(id) extern const leray_solver_type leray_solver_##id;
#define LERAY_SOLVER_OFF(id, remedy)
#include "solvers/solvers.def"
#undef LERAY_SOLVER
#undef LERAY_SOLVER_OFF

static inline leray_status try_solver(const leray_solver_type *type, const char *yaml,
                                      leray_solver **out)
{
    leray_config *cfg = NULL;
    leray_status status;

    *out = NULL;
    status = leray_config_from_section("solver", yaml, type->keys, &cfg);
    if (!status) status = leray_solver_create_type(type, cfg, "solver", out);
    leray_config_destroy(&cfg);
    return status;
}

static inline leray_solver *make_solver(const leray_solver_type *type, const char *yaml)
{
    leray_solver *s;

    assert_ok(try_solver(type, yaml, &s));
    return s;
}

static inline double statistic(leray_solver *s, const char *name)
{
    const leray_statistic *row;
    int n = leray_solver_statistics(s, &row);

    for (int i = 0; i < n; i++)
        if (!strcmp(row[i].name, name)) return row[i].value;
    fail_msg("no statistic %s", name);
    return 0;
}

#endif
