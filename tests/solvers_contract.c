/* tests/solvers_contract.c - what every solver in solvers.def must do, on a small grid of its own
   defaults. */
#include "solver_tools.h"

/* A deck that makes each solver small; "{}" where its defaults are. */
static const struct {
    const leray_solver_type *type;
    const char *yaml;
} solvers[] = {
#define SMALL_ns2d "{n: 16, cfl: 0.5}"
#define SMALL_ns3d "{n: 16, cfl: 0.5}"
#define SMALL_burgers "{n: 16, cfl: 0.5}"
#define SMALL_walls2d                                                                            \
    "{n: 16, cfl: 0.5, initial.type: noise, top.velocity: 1, scalar.on: true, scalar.buoyancy: " \
    "1, scalar.initial: 1}"
#define LERAY_SOLVER(id) {&leray_solver_##id, SMALL_##id},
#define LERAY_SOLVER_OFF(id, remedy)
#include "solvers/solvers.def"
#undef LERAY_SOLVER
#undef LERAY_SOLVER_OFF
};
#define NSOLVERS (sizeof solvers / sizeof solvers[0])

static void check_frame(leray_solver *s, double time)
{
    leray_frame f;
    size_t n;

    leray_solver_frame(s, &f);
    assert_true(f.time == time);
    assert_ok(leray_grid_check(f.grid));
    assert_true(f.nfields >= 1 && f.first == 0 && f.count == f.grid->axis[0].n);
    n = leray_grid_points(f.grid);
    for (int i = 0; i < f.nfields; i++) {
        assert_true(f.field[i].name && f.field[i].unit);
        for (size_t j = 0; j < n; j++) assert_true(isfinite(f.field[i].values[j]));
    }
}

static void check_statistics(leray_solver *s)
{
    const leray_statistic *row;
    int n = leray_solver_statistics(s, &row);

    for (int i = 0; i < n; i++) {
        assert_true(row[i].name[0] && row[i].unit[0]);
        assert_true(isfinite(row[i].value));
        for (int j = 0; j < i; j++) assert_string_not_equal(row[i].name, row[j].name);
    }
}

static void lives_and_does_not_allocate(void **state)
{
    (void)state;
    for (size_t i = 0; i < NSOLVERS; i++) {
        long live = leray_mem_live(), total;
        leray_solver *s = make_solver(solvers[i].type, solvers[i].yaml);

        assert_fails(leray_solver_step(s, 1e-3), LERAY_ERR_ARG, "leray_solver_start");
        total = leray_mem_total();
        for (uint32_t simulation = 0; simulation < 2; simulation++) {
            assert_ok(leray_solver_start(s, 1, simulation));
            check_statistics(s);
            check_frame(s, 0);
            assert_ok(leray_solver_step(s, 1e-3));
            assert_int_equal(leray_solver_steps(s), 1);
            assert_ok(leray_solver_advance(s, 0.05));
            check_frame(s, 0.05);
            check_statistics(s);
        }
        assert_fails(leray_solver_step(s, 0), LERAY_ERR_ARG, "dt = 0");
        assert_fails(leray_solver_step(s, NAN), LERAY_ERR_ARG, "dt = ");
        assert_fails(leray_solver_advance(s, INFINITY), LERAY_ERR_ARG, "t_end");
        assert_int_equal(leray_mem_total(), total);
        leray_solver_destroy(&s);
        assert_null(s);
        leray_solver_destroy(&s);
        assert_int_equal(leray_mem_live(), live);
    }
}

/* The k-th allocation fails, for every k until none is left to fail. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < NSOLVERS; i++) {
        leray_config *cfg = NULL;
        leray_status status = LERAY_ERR_MEMORY;
        long live, k;

        assert_ok(
            leray_config_from_section("solver", solvers[i].yaml, solvers[i].type->keys, &cfg));
        live = leray_mem_live();
        for (k = 1; status == LERAY_ERR_MEMORY; k++) {
            leray_solver *s = (leray_solver *)(void *)&live;

            leray_mem_fail_at(k);
            status = leray_solver_create_type(solvers[i].type, cfg, "solver", &s);
            leray_mem_fail_at(0);
            if (status == LERAY_OK) leray_solver_destroy(&s);
            assert_null(s);
            assert_int_equal(leray_mem_live(), live);
        }
        assert_int_equal(status, LERAY_OK);
        assert_true(k > 10);
        leray_config_destroy(&cfg);
    }
}

static void parameters_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < NSOLVERS; i++) {
        leray_solver *s = make_solver(solvers[i].type, solvers[i].yaml);
        leray_keys keys = solvers[i].type->keys;

        assert_fails(leray_solver_set_parameter(s, "no such", 1), LERAY_ERR_ARG, "'no such'");
        for (int j = 0; j < keys.count; j++) {
            const leray_key *key = &keys.row[j];
            double value;

            if (!key->parameter) {
                assert_fails(leray_solver_set_parameter(s, key->name, 1), LERAY_ERR_ARG, key->name);
                continue;
            }
            assert_non_null(strstr(leray_error_message(), key->name));
            assert_int_equal(key->kind, LERAY_KIND_REAL);
            assert_ok(leray_solver_set_parameter(s, key->name, key->max));
            assert_ok(leray_solver_get_parameter(s, key->name, &value));
            assert_true(value == key->max);
            assert_fails(leray_solver_set_parameter(s, key->name, 2 * key->max + 1), LERAY_ERR_ARG,
                         key->name);
            assert_fails(leray_solver_set_parameter(s, key->name, NAN), LERAY_ERR_ARG, key->name);
            assert_fails(leray_solver_set_parameter(s, "no such", 1), LERAY_ERR_ARG, key->name);
        }
        leray_solver_destroy(&s);
    }
}

/* In the middle of an adaptive run with changed parameters: another solver goes on from the saved
   bytes to the same bits, frames and statistics too. */
static void restart_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < NSOLVERS; i++) {
        leray_solver *a = make_solver(solvers[i].type, solvers[i].yaml);
        leray_solver *b = make_solver(solvers[i].type, solvers[i].yaml);
        size_t size = leray_solver_save_size(a);
        char *middle = test_malloc(size), *end = test_malloc(size), *again = test_malloc(size);
        leray_frame fa, fb;

        if (size == 0) continue;
        for (int j = 0; j < solvers[i].type->keys.count; j++) {
            const leray_key *key = &solvers[i].type->keys.row[j];
            double value;

            if (!key->parameter) continue;
            assert_ok(leray_solver_get_parameter(a, key->name, &value));
            assert_ok(leray_solver_set_parameter(a, key->name, 1.5 * value));
        }
        assert_ok(leray_solver_start(a, 3, 9));
        assert_ok(leray_solver_advance(a, 0.03));
        assert_ok(leray_solver_save(a, middle));
        assert_ok(leray_solver_advance(a, 0.1));
        assert_ok(leray_solver_save(a, end));

        assert_fails(leray_solver_restore(b, middle, size - 1), LERAY_ERR_DATA, "not a state");
        assert_ok(leray_solver_restore(b, middle, size));
        assert_true(leray_solver_time(b) == 0.03);
        if (b->type->max_dt) assert_true(b->type->max_dt(b) > 0);
        leray_solver_frame(b, &fb); /* looking must not change the run */
        assert_ok(leray_solver_advance(b, 0.1));
        assert_ok(leray_solver_save(b, again));
        assert_memory_equal(end, again, size);
        assert_int_equal(leray_solver_steps(a), leray_solver_steps(b));
        leray_solver_frame(a, &fa);
        leray_solver_frame(b, &fb);
        assert_memory_equal(fa.field[0].values, fb.field[0].values,
                            leray_grid_points(fa.grid) * sizeof(double));
        middle[0] ^= 1;
        assert_fails(leray_solver_restore(b, middle, size), LERAY_ERR_DATA, "saved state");
        test_free(middle), test_free(end), test_free(again);
        leray_solver_destroy(&a);
        leray_solver_destroy(&b);
    }
}

/* The simulation's number and the seed both make the initial field; the same ones, the same field,
   also after another simulation in the same solver. */
static void starts_are_reproducible(void **state)
{
    static const struct {
        uint64_t seed;
        uint32_t simulation;
    } start[] = {
        {1, 0},
        {1, 1},
        {2, 0},
        {1, 0}
    };

    (void)state;
    for (size_t i = 0; i < NSOLVERS; i++) {
        leray_solver *s = make_solver(solvers[i].type, solvers[i].yaml);
        double first[4], second[4];
        leray_frame f;

        for (int j = 0; j < 4; j++) {
            assert_ok(leray_solver_start(s, start[j].seed, start[j].simulation));
            if (j == 1 && s->type->max_dt) { /* a start may come at any point of a step */
                assert_true(s->type->max_dt(s) > 0);
                assert_ok(leray_solver_start(s, start[j].seed, start[j].simulation));
            }
            leray_solver_frame(s, &f);
            first[j] = f.field[0].values[1];
            assert_ok(leray_solver_advance(s, 0.02));
            leray_solver_frame(s, &f);
            second[j] = f.field[0].values[1];
        }
        assert_true(first[0] == first[3] && second[0] == second[3]);
        assert_true(first[0] != first[1] && first[0] != first[2] && first[1] != first[2]);
        leray_solver_destroy(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_and_does_not_allocate), cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(parameters_are_checked),      cmocka_unit_test(restart_is_exact),
        cmocka_unit_test(starts_are_reproducible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
