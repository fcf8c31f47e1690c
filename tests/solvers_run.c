/* tests/solvers_run.c - one simulation with its outputs (solvers/run/): files that grow frame by frame, states that damage is
   found in, restoring on other points, and what fails leaves nothing behind. The command and its ranks are
   in cli_solve.sh. */
#include "data_files.h"
#include "solver_tools.h"

#include "data/formats/csv.h"
#include "data/formats/well/well.h"
#include "solvers/pseudospectral/engine/view.h"
#include "solvers/run/run.h"
#include "solvers/run/run_impl.h"
#include "solvers/run/state.h"

#include <unistd.h>

static const char small[] = "n: 16\nlength: 6.283185307179586\nnu: 0.01\ndt: 0.05\n"
                            "initial: {type: random, alpha: 2.5, tau: 4, sigma: 20}\n";

static leray_solver *started(const leray_solver_type *type, const char *yaml, uint64_t seed,
                             double time)
{
    leray_solver *s = make_solver(type, yaml);

    assert_ok(leray_solver_start(s, seed, 0));
    assert_ok(leray_solver_advance(s, time));
    return s;
}

/* ---- due times ---- */

static void times_are_products(void **state)
{
    leray_due s = {.every = 0.1};

    (void)state;
    for (int k = 0; k < 1000; k++) {
        assert_true(leray_due_next(&s) == k * 0.1);
        assert_true(leray_due_reached(&s, k * 0.1));
        /* One time, though rounded otherwise; and not one step less. */
        assert_true(leray_due_reached(&s, k * 0.1 * (1 - 1e-15)));
        assert_false(leray_due_reached(&s, k * 0.1 - 1e-6));
        s.next++;
    }
    for (int k = 0; k < 1000; k++) {
        leray_due_skip(&s, k * 0.1, false);
        assert_int_equal(s.next, k);
        leray_due_skip(&s, k * 0.1, true);
        assert_int_equal(s.next, k + 1);
        leray_due_skip(&s, (k + 0.5) * 0.1, true);
        assert_int_equal(s.next, k + 1);
    }
    s = (leray_due){.first = 2, .every = 1, .count = 3};
    leray_due_skip(&s, 0, false);
    assert_int_equal(s.next, 0);
    leray_due_skip(&s, 4, true);
    assert_true(isinf(leray_due_next(&s)));
    s = (leray_due){.every = 0};
    assert_true(isinf(leray_due_next(&s)));
    assert_false(leray_due_reached(&s, 1e300));
}

/* ---- frames ---- */

static void frame_of(int step, int first, int count, double *values, leray_frame *f)
{
    static leray_grid grid;
    static leray_frame_field field[3];

    grid = leray_grid_periodic(2, (int[]){6, 4}, (double[]){3, 2});
    field[0] = (leray_frame_field){"velocity_x", "1", values};
    field[1] = (leray_frame_field){"velocity_y", "1", values + 24};
    field[2] = (leray_frame_field){"p", "1", values + 48};
    *f = (leray_frame){
        .time = step, .grid = &grid, .first = first, .count = count, .nfields = 3, .field = field};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 4 * count; i++)
            values[24 * k + i] = 1000 * k + 100 * step + 4 * first + i;
}

/* Slabs, the last planes first, as ranks would write them; what was not written is not counted. */
static void series_grow_by_slabs(void **state)
{
    const double times[] = {0, 1, 2};
    leray_well_description d = {.dataset_name = "x", .n_trajectories = 1, .n_steps = 3};
    char path[LERAY_PATH_MAX];
    double values[72], read[48];
    leray_frame frame;
    leray_well *w;

    file_in(state, "series.h5", path);
    frame_of(0, 0, 6, values, &frame);
    assert_ok(leray_well_series_create(path, &d, times, &frame));
    assert_ok(leray_well_open(path, &w));
    assert_int_equal(leray_well_get_info(w)->valid_steps[0], 0);
    leray_well_close(&w);
    for (int step = 0; step < 2; step++) {
        frame_of(step, 4, 2, values, &frame);
        assert_ok(leray_well_series_write(path, leray_comm_self(), step, &frame));
        frame_of(step, 0, 4, values, &frame);
        assert_ok(leray_well_series_write(path, leray_comm_self(), step, &frame));
    }
    assert_ok(leray_well_open(path, &w));
    assert_int_equal(leray_well_get_info(w)->valid_steps[0], 2);
    assert_close(leray_well_get_info(w)->time[2], 2, 0);
    for (int step = 0; step < 2; step++)
        for (int f = 0; f < 2; f++) {
            bool vector = leray_well_get_info(w)->field[f].order == 1;

            assert_ok(leray_well_read_double(w, 0, step, f, read));
            for (int i = 0; i < 24; i++) {
                assert_close(read[i], (vector ? 1000 : 2000) + 100 * step + i, 0);
                if (vector) assert_close(read[24 + i], 100 * step + i, 0);
            }
        }
    leray_well_close(&w);
    assert_ok(leray_well_series_set_valid(path, 1));
    frame_of(1, 0, 6, values, &frame);
    values[5] = NAN;
    assert_fails(leray_well_series_write(path, leray_comm_self(), 1, &frame), LERAY_ERR_DIVERGED,
                 "velocity_x");
    assert_ok(leray_well_open(path, &w));
    assert_int_equal(leray_well_get_info(w)->valid_steps[0], 1);
    leray_well_close(&w);
}

/* ---- states ---- */

static void check_same(leray_solver *a, leray_solver *b)
{
    const leray_statistic *p, *q;
    int n = leray_solver_statistics(a, &p);
    leray_frame x, y;

    assert_int_equal(leray_solver_statistics(b, &q), n);
    for (int i = 0; i < n; i++)
        if (memcmp(&p[i].value, &q[i].value, sizeof p[i].value))
            fail_msg("%s is %.17g and %.17g", p[i].name, p[i].value, q[i].value);
    leray_solver_frame(a, &x);
    leray_solver_frame(b, &y);
    assert_true(a->time == b->time && a->dt == b->dt);
    assert_int_equal(leray_solver_steps(a), leray_solver_steps(b));
    for (int k = 0; k < x.nfields; k++)
        assert_memory_equal(x.field[k].values, y.field[k].values,
                            leray_grid_points(x.grid) * sizeof(double));
}

/* Every solver, through its view where it has one: the next steps are the same bits. */
static void states_are_exact(void **state)
{
#define LERAY_SOLVER(id) &leray_solver_##id,
    static const leray_solver_type *const types[] = {
#include "solvers/solvers.def"
    };
#undef LERAY_SOLVER
    char folder[LERAY_PATH_MAX];

    file_in(state, "", folder);
    for (size_t k = 0; k < sizeof types / sizeof types[0]; k++) {
        leray_solver *a = started(types[k], "n: 12\ndt: 0.01\n", 3, 0.055), *b;
        leray_state *s;

        if (!leray_state_possible(a)) fail_msg("%s cannot be saved", types[k]->name);
        assert_ok(leray_state_write(folder, a, 0, "deck", "{}"));
        assert_ok(leray_state_find(leray_comm_self(), folder, &s));
        assert_string_equal(leray_state_solver(s), types[k]->name);
        b = started(types[k], "n: 12\ndt: 0.01\n", 9, 0.02); /* of which nothing must stay */
        assert_ok(leray_state_restore(s, b, true));
        check_same(a, b);
        assert_ok(leray_solver_advance(a, 0.1));
        assert_int_equal(b->seed, 3);
        assert_ok(leray_solver_advance(b, 0.1));
        check_same(a, b);
        leray_state_close(&s);
        leray_solver_destroy(&a);
        leray_solver_destroy(&b);
        assert_ok(leray_state_clear(folder));
    }
}

/* To more points and back is the same state; to fewer keeps what they can hold. */
static void other_points(void **state)
{
    char folder[LERAY_PATH_MAX];
    static const int n[] = {24, 10};

    file_in(state, "", folder);
    for (int k = 0; k < 2; k++) {
        leray_solver *a = started(&leray_solver_ns2d, small, 5, 0.1), *b;
        const leray_modes *x, *y;
        leray_state *s;
        char other[512];

        snprintf(other, sizeof other, "n: %d\n%s", n[k], small + strlen("n: 16\n"));
        assert_ok(leray_state_write(folder, a, 0, "", "{}"));
        assert_ok(leray_state_find(leray_comm_self(), folder, &s));
        b = started(&leray_solver_ns2d, other, 9, 0.1);
        assert_ok(leray_state_restore(s, b, false));
        x = leray_integrator_state(a->type->view(a)->integrator);
        y = leray_integrator_state(b->type->view(b)->integrator);
        for (int i = 0; i <= y->box->top[LERAY_BOX_X]; i++)
            for (int r = 0; r < y->box->rows[LERAY_BOX_SLOW]; r++) {
                int m = leray_box_wavenumber(y->box, LERAY_BOX_SLOW, r);

                /* get gives 0 where a mode is not kept. */
                assert_true(leray_modes_get(y, 0, m, 0, i) == leray_modes_get(x, 0, m, 0, i));
            }
        assert_ok(leray_solver_advance(b, 0.2));
        leray_state_close(&s);
        leray_solver_destroy(&a);
        leray_solver_destroy(&b);
    }
}

/* The file reads as it was, or not at all. */
static bool found_damaged(const char *path, leray_solver *a, leray_solver *b)
{
    leray_state *s = NULL;
    leray_status status = leray_state_open(path, &s);

    if (!status) status = leray_state_verify(s);
    if (!status) status = leray_state_restore(s, b, true);
    leray_state_close(&s);
    if (status) assert_int_equal(status, LERAY_ERR_DATA);
    else check_same(a, b);
    return status != LERAY_OK;
}

/* Bits of the values, of which a column is looked for in the file, and files cut short. */
static void damage_is_found(void **state)
{
    leray_solver *a = started(&leray_solver_ns2d, small, 5, 0.1), *b;
    const leray_modes *modes = leray_integrator_state(a->type->view(a)->integrator);
    size_t size, values = (size_t)modes->box->rows[LERAY_BOX_SLOW] * sizeof(double complex);
    char folder[LERAY_PATH_MAX], path[LERAY_PATH_MAX], *data, *column;

    file_in(state, "", folder);
    file_in(state, "state.h5", path);
    b = make_solver(&leray_solver_ns2d, small);
    assert_ok(leray_state_write(folder, a, 0, "deck", "{}"));
    assert_ok(leray_file_read(path, &data, &size));
    assert_false(found_damaged(path, a, b));
    column = memmem(data, size, leray_modes_load(modes, 0, 2, NULL), values);
    assert_non_null(column);
    for (size_t at = 0; at < values; at += 8) {
        column[at] ^= 4;
        assert_ok(leray_file_write(path, data, size));
        assert_true(found_damaged(path, a, b));
        column[at] ^= 4;
    }
    for (size_t cut = 0; cut < size; cut += size / 40) {
        assert_ok(leray_file_write(path, data, cut));
        assert_true(found_damaged(path, a, b));
    }
    leray_mem_free(data);
    leray_solver_destroy(&a);
    leray_solver_destroy(&b);
}

static void generations(void **state)
{
    leray_solver *a = started(&leray_solver_ns2d, small, 5, 0.1);
    char folder[LERAY_PATH_MAX], path[LERAY_PATH_MAX];
    leray_state *s;

    file_in(state, "", folder);
    file_in(state, "state.h5", path);
    assert_ok(leray_state_clear(folder));
    assert_ok(leray_state_find(leray_comm_self(), folder, &s));
    assert_null(s);
    assert_ok(leray_state_write(folder, a, 0, "one", "{}"));
    assert_ok(leray_solver_advance(a, 0.2));
    assert_ok(leray_state_write(folder, a, 0, "two", "{}"));
    assert_ok(leray_state_find(leray_comm_self(), folder, &s));
    assert_string_equal(leray_state_deck(s), "two");
    leray_state_close(&s);
    unlink(path); /* as a kill between the two renames leaves it */
    assert_ok(leray_state_find(leray_comm_self(), folder, &s));
    assert_string_equal(leray_state_deck(s), "one");
    assert_close(leray_state_get_head(s)->time, 0.1, 0);
    leray_state_close(&s);
    leray_solver_destroy(&a);
}

/* ---- tables ---- */

static void tables_are_cut(void **state)
{
    leray_solver *a = started(&leray_solver_ns2d, small, 5, 0);
    leray_output_table t = {.name = "statistics"};
    char folder[LERAY_PATH_MAX], path[LERAY_PATH_MAX];
    leray_csv csv;

    file_in(state, "", folder);
    file_in(state, "statistics.csv", path);
    assert_ok(leray_output_table_remove(&t, folder));
    for (int k = 0; k < 4; k++) {
        assert_ok(leray_solver_advance(a, 0.1 * k));
        assert_ok(leray_output_table_take(&t, a, folder));
    }
    assert_ok(leray_file_append(path, "0.4,1,2", 7)); /* a line that a kill cut */
    assert_ok(leray_output_table_trim(&t, folder, 0.2));
    assert_ok(leray_csv_read(path, &csv));
    assert_int_equal(csv.rows, 3);
    assert_ok(leray_file_append(path, "0.1,1,2", 7)); /* of a time that counts, but not whole */
    assert_ok(leray_output_table_trim(&t, folder, 0.2));
    leray_csv_free(&csv);
    assert_ok(leray_csv_read(path, &csv));
    assert_int_equal(csv.rows, 3);
    assert_ok(leray_output_table_take(&t, a, folder)); /* begins its own line */
    leray_csv_free(&csv);
    assert_ok(leray_csv_read(path, &csv));
    assert_int_equal(csv.rows, 4);
    assert_close(leray_csv_column(&csv, 0)[2], 0.2, 1e-15);
    assert_true(leray_csv_find(&csv, "energy") > 0 && leray_csv_find(&csv, "x") == -1);
    leray_csv_free(&csv);
    assert_ok(leray_output_table_trim(&t, folder, -1));
    assert_ok(leray_csv_read(path, &csv));
    assert_int_equal(csv.rows, 0);
    leray_csv_free(&csv);
    assert_ok(leray_file_write(path, "time,a\n1,2\n3\n", 13));
    assert_fails(leray_csv_read(path, &csv), LERAY_ERR_DATA, "row 2 has 1 columns");
    leray_csv_free(&csv);
    leray_output_table_fini(&t);
    leray_solver_destroy(&a);
}

/* ---- failures ---- */

/* The k-th allocation fails: the status says so, nothing leaks, and the state before stands. */
static void allocations_fail(void **state)
{
    leray_solver *a = started(&leray_solver_ns2d, small, 5, 0.1);
    char folder[LERAY_PATH_MAX];
    long live = leray_mem_live();
    bool done = false;

    file_in(state, "", folder);
    assert_ok(leray_state_write(folder, a, 0, "first", "{}"));
    for (long k = 1; !done && k < 200; k++) {
        leray_state *s;
        leray_status status;

        leray_mem_fail_at(k);
        status = leray_state_write(folder, a, 0, "first", "{}");
        if (!status) status = leray_state_find(leray_comm_self(), folder, &s);
        if (!status) {
            status = leray_state_restore(s, a, true);
            leray_state_close(&s);
        }
        leray_mem_fail_at(0);
        done = status == LERAY_OK;
        if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
        assert_int_equal(leray_mem_live(), live);
        assert_ok(leray_state_find(leray_comm_self(), folder, &s));
        leray_state_close(&s);
    }
    assert_true(done);
    leray_solver_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_products), cmocka_unit_test(series_grow_by_slabs),
        cmocka_unit_test(states_are_exact),   cmocka_unit_test(other_points),
        cmocka_unit_test(damage_is_found),    cmocka_unit_test(generations),
        cmocka_unit_test(tables_are_cut),     cmocka_unit_test(allocations_fail),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
