/* tests/solvers_diagnostics_contract.c - what every line of diagnostics.def must do, on a flow of the
   tests and on every solver that shows its coefficients.

   With the argument "tables FOLDER", under a launcher or not: the tables of some flows divided among
   all ranks, each rank's to a file of its own (solvers_diagnostics_ranks.sh). */
#include "probe_flow.h"
#include "solver_tools.h"

#include "core/launch.h"
#include "core/threads.h"
#include "solvers/pseudospectral/les/les.h"

#include <stdlib.h>

static const leray_diagnostic_type *const types[] = {
#define LERAY_DIAGNOSTIC(id) &leray_diagnostic_##id,
#include "solvers/pseudospectral/diagnostics/diagnostics.def"
#undef LERAY_DIAGNOSTIC
};
static const char *const names[] = {
#define LERAY_DIAGNOSTIC(id) #id,
#include "solvers/pseudospectral/diagnostics/diagnostics.def"
#undef LERAY_DIAGNOSTIC
};
#define TYPES ((int)(sizeof types / sizeof types[0]))

static const char *const probes[] = {
    "{n: [18, 16]}",
    "{n: [10, 12, 13], length: [1, 2, 3], subgrid: true}",
    "{n: [12, 10, 14], length: [1, 2, 3], dealias: phase-shift, precision: single}",
};
static const leray_solver_type *const solvers[] = {
#define LERAY_SOLVER(id) &leray_solver_##id,
#define LERAY_SOLVER_OFF(id, remedy)
#include "solvers/solvers.def"
#undef LERAY_SOLVER
#undef LERAY_SOLVER_OFF
};
#define PROBES 3
#define SOLVERS ((int)(sizeof solvers / sizeof solvers[0]))

/* Flows of the tests, the solvers of the list, and ns3d with each sub-grid model. */
static int count_flows(void)
{
    int n = 0;

    while (leray_les_names[n]) n++;
    return PROBES + SOLVERS + n;
}

static leray_status try_number(const leray_comm *comm, int i, leray_solver **out)
{
    char yaml[64];

    *out = NULL;
    if (i < PROBES) return try_flow(comm, &probe_type, probes[i], out);
    if (i < PROBES + SOLVERS) return try_flow(comm, solvers[i - PROBES], "{n: 16}", out);
    snprintf(yaml, sizeof yaml, "{n: 12, les: {type: %s}}", leray_les_names[i - PROBES - SOLVERS]);
    return try_flow(comm, &leray_solver_ns3d, yaml, out);
}

/* Running, with something in all modes; NULL where the solver shows none. */
static leray_solver *running(int i)
{
    leray_solver *s;

    assert_ok(try_number(leray_comm_self(), i, &s));
    if (!s->type->view) leray_solver_destroy(&s);
    if (!s) return NULL;
    assert_ok(leray_solver_start(s, 3, 1));
    if (s->type == &probe_type) draw_modes(s, true);
    return s;
}

static void check_table(const leray_measured *t)
{
    assert_true(t->columns > 0 && t->rows > 0);
    for (int c = 0; c < t->columns; c++) {
        const char *name = t->column[c];

        assert_true(t->unit[c] && t->unit[c][0] && name[0]);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789"), strlen(name));
        assert_false(name[0] >= '0' && name[0] <= '9');
        for (int d = 0; d < c; d++) assert_string_not_equal(name, t->column[d]);
    }
    for (int j = 0; j < t->columns * t->rows; j++) assert_true(isfinite(t->value[j]));
}

static void types_are_complete(void **state)
{
    (void)state;
    for (int k = 0; k < TYPES; k++) {
        assert_string_equal(types[k]->name, names[k]);
        assert_true(types[k]->summary && strlen(types[k]->summary) > 10);
        assert_string_equal(types[k]->keys.row[0].name, "every");
        assert_int_equal(types[k]->keys.row[0].offset, 0);
    }
}

/* The same state gives the same bits: nothing is left of the measurement before. */
static void measures_again(leray_diagnostic *d, const leray_measured *first)
{
    size_t bytes = (size_t)first->rows * (size_t)first->columns * sizeof *first->value;
    double *before = test_malloc(bytes);
    leray_measured again;

    memcpy(before, first->value, bytes);
    assert_ok(leray_diagnostic_measure(d, &again));
    assert_memory_equal(before, again.value, bytes);
    test_free(before);
}

static void measures_without_allocating(void **state)
{
    (void)state;
    for (int i = 0; i < count_flows(); i++)
        for (int k = 0; k < TYPES; k++) {
            long live = leray_mem_live(), total;
            leray_solver *s = running(i);
            leray_diagnostic *d;
            leray_measured first, second;

            if (!s) continue;
            assert_ok(try_diagnostic(types[k], s, "{every: 0.25}", &d));
            assert_true(leray_diagnostic_every(d) == 0.25);
            total = leray_mem_total();
            assert_ok(leray_diagnostic_measure(d, &first));
            check_table(&first);
            measures_again(d, &first);
            assert_ok(leray_solver_step(s, 1e-4));
            assert_ok(leray_diagnostic_measure(d, &second));
            check_table(&second);
            assert_true(second.rows == first.rows && second.columns == first.columns);
            assert_int_equal(leray_mem_total(), total);
            leray_diagnostic_destroy(&d);
            assert_null(d);
            leray_diagnostic_destroy(&d);
            leray_solver_destroy(&s);
            assert_int_equal(leray_mem_live(), live);
        }
}

/* The k-th allocation fails, for every k until none is left to fail. */
static void every_allocation_may_fail(void **state)
{
    leray_solver *s = make_probe("{n: [8, 8, 8], length: [1, 1, 1], subgrid: true}");

    (void)state;
    for (int i = 0; i < TYPES; i++) {
        leray_status status = LERAY_ERR_MEMORY;
        leray_config *cfg = NULL;
        long live, k;

        assert_ok(leray_config_from_section("d", "{}", types[i]->keys, &cfg));
        live = leray_mem_live();
        for (k = 1; status == LERAY_ERR_MEMORY; k++) {
            leray_diagnostic *d = (leray_diagnostic *)(void *)&live;

            leray_mem_fail_at(k);
            status = leray_diagnostic_create(types[i], s, cfg, "d", &d);
            leray_mem_fail_at(0);
            if (status == LERAY_OK) leray_diagnostic_destroy(&d);
            assert_null(d);
            assert_int_equal(leray_mem_live(), live);
        }
        assert_int_equal(status, LERAY_OK);
        assert_true(k > 5);
        leray_config_destroy(&cfg);
    }
    leray_solver_destroy(&s);
}

/* All bits of the state after steps with and without measurements between them; max_dt, where the
   solver has one, comes in between too. */
static void measuring_changes_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < count_flows(); i++) {
        leray_solver *s[2] = {running(i), running(i)};
        leray_diagnostic *d[TYPES];
        leray_modes *u[2];
        leray_measured table;
        size_t bytes;

        if (!s[0]) continue;
        for (int k = 0; k < TYPES; k++) assert_ok(try_diagnostic(types[k], s[1], "{}", &d[k]));
        for (int step = 0; step < 5; step++) {
            for (int k = 0; k < TYPES; k++) {
                if ((step + k) % 2) assert_ok(leray_diagnostic_measure(d[k], &table));
                if (k == 1 && s[1]->type->max_dt) assert_true(s[1]->type->max_dt(s[1]) > 0);
            }
            for (int j = 0; j < 2; j++) assert_ok(leray_solver_step(s[j], 1e-3));
        }
        for (int j = 0; j < 2; j++)
            u[j] = leray_integrator_state(s[j]->type->view(s[j])->integrator);
        bytes = (size_t)u[0]->fields * (size_t)u[0]->box->columns * (size_t)u[0]->box->pitch *
                (u[0]->single ? 8 : 16);
        assert_memory_equal(u[0]->data, u[1]->data, bytes);
        for (int k = 0; k < TYPES; k++) leray_diagnostic_destroy(&d[k]);
        for (int j = 0; j < 2; j++) leray_solver_destroy(&s[j]);
    }
}

static void threads_do_not_matter(void **state)
{
    int before = leray_threads();

    (void)state;
    for (int i = 0; i < PROBES; i++)
        for (int k = 0; k < TYPES; k++) {
            double *first = NULL;

            for (int threads = 1; threads <= 3; threads++) {
                leray_solver *s;
                leray_diagnostic *d;
                leray_measured t;
                size_t bytes;

                leray_threads_set(threads);
                s = running(i);
                d = measure_one(types[k], s, "{}", &t);
                bytes = (size_t)t.rows * (size_t)t.columns * sizeof *t.value;
                if (!first) {
                    first = test_malloc(bytes);
                    memcpy(first, t.value, bytes);
                }
                assert_memory_equal(first, t.value, bytes);
                leray_diagnostic_destroy(&d);
                leray_solver_destroy(&s);
            }
            test_free(first);
        }
    leray_threads_set(before);
}

static void wrong_decks(void **state)
{
    leray_solver *s = make_probe("{n: [16, 12]}");
    leray_solver *other = make_solver(&leray_solver_burgers, "{n: 16}");
    leray_diagnostic *d;

    (void)state;
    assert_fails(try_diagnostic(&leray_diagnostic_pdf, s, "{separations: [1, 7]}", &d),
                 LERAY_ERR_CONFIG, "7 points are not in [1, 6]");
    assert_null(d);
    assert_fails(try_diagnostic(&leray_diagnostic_pdf, s, "{separations: [2, 1, 2]}", &d),
                 LERAY_ERR_CONFIG, "2 is given twice");
    assert_fails(try_diagnostic(&leray_diagnostic_pdf, s, "{bins: 0}", &d), LERAY_ERR_CONFIG,
                 "bins");
    assert_fails(try_diagnostic(&leray_diagnostic_spectra, s, "{width: 1e-5}", &d),
                 LERAY_ERR_CONFIG, "output.spectra.width = 1e-05");
    assert_fails(try_diagnostic(&leray_diagnostic_spectra, s, "{every: -1}", &d), LERAY_ERR_CONFIG,
                 "every");
    assert_fails(try_diagnostic(&leray_diagnostic_means, other, "{every: 1}", &d),
                 LERAY_ERR_UNSUPPORTED, "burgers");
    assert_null(d);
    leray_solver_destroy(&s);
    leray_solver_destroy(&other);
}

/* ---- on all ranks ------------------------------------------------------------------------ */

/* One table to the file FOLDER/<flow>-<diagnostic>-<rank>. */
static leray_status write_table(const char *folder, int i, int k, leray_solver *s)
{
    leray_diagnostic *d;
    leray_measured t;
    leray_status status;
    char path[512];
    FILE *file;

    LERAY_TRY(try_diagnostic(types[k], s, "{}", &d));
    status = leray_diagnostic_measure(d, &t);
    snprintf(path, sizeof path, "%s/%d-%s-%d", folder, i, types[k]->name,
             leray_comm_rank(leray_launch_comm()));
    file = status ? NULL : fopen(path, "w");
    for (int j = 0; file && j < t.rows * t.columns; j++)
        fprintf(file, "%.17g%c", t.value[j], (j + 1) % t.columns ? ' ' : '\n');
    leray_diagnostic_destroy(&d);
    if (!file || fclose(file)) return status ? status : LERAY_ERR_IO;
    return LERAY_OK;
}

static leray_status write_tables(const char *folder)
{
    for (int i = 0; i < PROBES + SOLVERS; i++) {
        leray_solver *s;
        leray_status status;

        if (i >= PROBES && !solvers[i - PROBES]->view) continue;
        LERAY_TRY(try_number(leray_launch_comm(), i, &s));
        status = leray_solver_start(s, 3, 1);
        if (i < PROBES) draw_modes(s, true);
        for (int step = 0; step < 3 && !status; step++) status = leray_solver_step(s, 1e-3);
        for (int k = 0; k < TYPES && !status; k++) status = write_table(folder, i, k, s);
        leray_solver_destroy(&s);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}

static int tables(const char *folder)
{
    leray_status status = leray_launch_begin();

    if (!status) status = write_tables(folder);
    if (status) fprintf(stderr, "%s\n", leray_error_message());
    leray_launch_end();
    return status ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_complete),        cmocka_unit_test(measures_without_allocating),
        cmocka_unit_test(every_allocation_may_fail), cmocka_unit_test(measuring_changes_nothing),
        cmocka_unit_test(threads_do_not_matter),     cmocka_unit_test(wrong_decks),
    };

    if (argc == 3 && !strcmp(argv[1], "tables")) return tables(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
