/* tests/data_sampler.c - every sampler of samplers.def, and what each of them promises. */
#include "data_files.h"

#include "data/sampler.h"

#define LERAY_SAMPLER(id) extern const leray_sampler_type leray_sampler_##id;
#include "data/samplers.def"
#undef LERAY_SAMPLER

static const leray_sampler_type *const types[] = {
#define LERAY_SAMPLER(id) &leray_sampler_##id,
#include "data/samplers.def"
#undef LERAY_SAMPLER
};
enum { N_TYPES = (int)(sizeof types / sizeof types[0]) };

/* Joe and Kuo's program prints these for three dimensions. */
static void sobol_begins_as_published(void **state)
{
    static const double known[10][3] = {
        {0,      0,      0     },
        {0.5,    0.5,    0.5   },
        {0.75,   0.25,   0.25  },
        {0.25,   0.75,   0.75  },
        {0.375,  0.375,  0.625 },
        {0.875,  0.875,  0.125 },
        {0.625,  0.125,  0.875 },
        {0.125,  0.625,  0.375 },
        {0.1875, 0.3125, 0.9375},
        {0.6875, 0.8125, 0.4375}
    };
    leray_sampler *s;
    double x[3];

    (void)state;
    assert_ok(leray_sampler_create_type(&leray_sampler_sobol, 1, 10, 3, false, &s));
    for (int i = 0; i < 10; i++) {
        assert_ok(leray_sampler_point(s, i, x));
        assert_memory_equal(x, known[i], sizeof x);
    }
    leray_sampler_destroy(&s);
}

/* Per dimension the FNV-1a hash of 1024 x_i over the first 1000 points of
   torch.quasirandom.SobolEngine(32) in PyTorch 1.13.1, which has the same direction numbers and
   its own code. (A hash that is linear in x_i would not do: digits flip in the pattern of Thue
   and Morse, over which sums cancel.) The first 1024 points are multiples of 1/1024 and use ten direction numbers, more
   than any dimension has initial ones. */
static void sobol_agrees_with_pytorch(void **state)
{
    static const uint32_t known[32] = {
        656273485u,  4143813325u, 398692237u,  2375631661u, 3433691261u, 1011299661u, 375208605u,
        2412687165u, 4137083021u, 3134073613u, 3192516941u, 1205536077u, 3451035469u, 1103414461u,
        4046767501u, 511452157u,  929006413u,  2834765u,    3626521933u, 155313549u,  500652877u,
        3845479949u, 3128213501u, 1346736317u, 509049069u,  3107484493u, 148997053u,  3866223581u,
        1788652925u, 3195308477u, 2316215757u, 2348141549u};
    leray_sampler *s;
    double x[32];
    uint32_t hash[32];

    (void)state;
    for (int j = 0; j < 32; j++) hash[j] = 2166136261u;
    assert_ok(leray_sampler_create_type(&leray_sampler_sobol, 1, 1000, 32, false, &s));
    for (int i = 0; i < 1000; i++) {
        assert_ok(leray_sampler_point(s, i, x));
        for (int j = 0; j < 32; j++) hash[j] = (hash[j] ^ (uint32_t)(1024 * x[j])) * 16777619u;
    }
    for (int j = 0; j < 32; j++) assert_int_equal(hash[j], known[j]);
    leray_sampler_destroy(&s);
}

static void count_boxes(const double *x, int n, int boxes_x, int boxes_y, int *count)
{
    memset(count, 0, (size_t)(boxes_x * boxes_y) * sizeof *count);
    for (int i = 0; i < n; i++)
        count[(int)(x[2 * i] * boxes_x) * boxes_y + (int)(x[2 * i + 1] * boxes_y)]++;
}

/* The first two coordinates are a (0, m, 2)-net: each box of area 2^-m, however it is divided
   between the axes, holds one of 2^m points. A digital shift keeps that. */
static void sobol_is_a_net(void **state)
{
    enum { M = 10, N = 1 << M };
    double x[2 * N];
    int count[N];

    (void)state;
    for (int shift = 0; shift < 2; shift++) {
        leray_sampler *s;

        assert_ok(leray_sampler_create_type(&leray_sampler_sobol, 5, 3 * N, 2, shift != 0, &s));
        for (int block = 0; block < 3; block++) {
            for (int i = 0; i < N; i++) assert_ok(leray_sampler_point(s, block * N + i, x + 2 * i));
            for (int k = 0; k <= M; k++) {
                count_boxes(x, N, 1 << k, 1 << (M - k), count);
                for (int box = 0; box < N; box++) assert_int_equal(count[box], 1);
            }
        }
        leray_sampler_destroy(&s);
    }
}

/* In every coordinate each of n strata holds one of n points: Latin hypercube for any n, Sobol
   for powers of two. */
static void strata_hold_one_point(const leray_sampler_type *type, int n, int d)
{
    leray_sampler *s;
    double *x = calloc((size_t)d, sizeof *x);
    int *count = calloc((size_t)(n * d), sizeof *count);

    assert_ok(leray_sampler_create_type(type, 7, n, d, true, &s));
    for (int i = 0; i < n; i++) {
        assert_ok(leray_sampler_point(s, i, x));
        for (int j = 0; j < d; j++) count[j * n + (int)(x[j] * n)]++;
    }
    for (int k = 0; k < n * d; k++) assert_int_equal(count[k], 1);
    leray_sampler_destroy(&s);
    free(count);
    free(x);
}

static void stratified(void **state)
{
    (void)state;
    strata_hold_one_point(&leray_sampler_latin_hypercube, 1, 3);
    strata_hold_one_point(&leray_sampler_latin_hypercube, 97, 40);
    strata_hold_one_point(&leray_sampler_latin_hypercube, 1000, 5);
    strata_hold_one_point(&leray_sampler_sobol, 1024, 32);
}

static void pearson(const leray_sampler_type *type, int n, double *mean, double *variance,
                    double *correlation)
{
    leray_sampler *s;
    double sum[5] = {0}, x[2];

    assert_ok(leray_sampler_create_type(type, 11, n, 2, true, &s));
    for (int i = 0; i < n; i++) {
        assert_ok(leray_sampler_point(s, i, x));
        sum[0] += x[0] / n, sum[1] += x[1] / n, sum[2] += x[0] * x[0] / n;
        sum[3] += x[1] * x[1] / n, sum[4] += x[0] * x[1] / n;
    }
    *mean = sum[0], *variance = sum[2] - sum[0] * sum[0];
    *correlation = (sum[4] - sum[0] * sum[1]) / sqrt(*variance * (sum[3] - sum[1] * sum[1]));
    leray_sampler_destroy(&s);
}

/* Six standard errors of independent points; the stratified ones do better. */
static void moments_are_those_of_the_uniform_law(void **state)
{
    const int n = 1 << 14;

    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        double mean, variance, correlation;

        if (types[t]->init) continue;
        pearson(types[t], n, &mean, &variance, &correlation);
        assert_at_most(fabs(mean - 0.5), 6 * sqrt(1.0 / 12 / n));
        assert_at_most(fabs(variance - 1.0 / 12), 6 * sqrt(1.0 / 180 / n));
        assert_at_most(fabs(correlation), 6 / sqrt(n));
    }
}

/* In [0, 1); the same from another object and in another order; another seed moves every
   coordinate of every point. */
static void points_are_functions_of_seed_and_index(void **state)
{
    enum { N = 60, D = 20 };

    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        leray_sampler *a, *b, *c;
        double x[D], y[D], z[D];

        if (types[t]->init) continue;
        assert_ok(leray_sampler_create_type(types[t], 3, N, D, true, &a));
        assert_ok(leray_sampler_create_type(types[t], 3, N, D, true, &b));
        assert_ok(leray_sampler_create_type(types[t], 4, N, D, true, &c));
        for (int i = N; i-- > 0;) assert_ok(leray_sampler_point(b, i, y));
        for (int i = 0; i < N; i++) {
            assert_ok(leray_sampler_point(a, i, x));
            assert_ok(leray_sampler_point(b, i, y));
            assert_ok(leray_sampler_point(c, i, z));
            assert_memory_equal(x, y, sizeof x);
            for (int j = 0; j < D; j++) {
                assert_true(x[j] >= 0 && x[j] < 1);
                assert_true(x[j] != z[j]);
            }
        }
        assert_fails(leray_sampler_point(a, N, x), LERAY_ERR_ARG, "0 to 59");
        assert_fails(leray_sampler_point(a, -1, x), LERAY_ERR_ARG, "0 to 59");
        leray_sampler_destroy(&c);
        leray_sampler_destroy(&b);
        leray_sampler_destroy(&a);
    }
}

static void bad_sizes_are_refused(void **state)
{
    leray_sampler *s;

    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        assert_true(types[t]->name && types[t]->summary);
        assert_fails(leray_sampler_create_type(types[t], 0, 0, 1, false, &s), LERAY_ERR_CONFIG,
                     "0 points");
        assert_fails(leray_sampler_create_type(types[t], 0, 1, 0, false, &s), LERAY_ERR_CONFIG,
                     types[t]->name);
        assert_fails(
            leray_sampler_create_type(types[t], 0, 1, types[t]->max_dimension + 1, false, &s),
            LERAY_ERR_CONFIG, types[t]->name);
        assert_null(s);
    }
}

static void memory_may_run_out(void **state)
{
    leray_sampler *s;
    leray_status status;

    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        if (types[t]->init) continue;
        assert_survives_failing_allocations(
            status, status = leray_sampler_create_type(types[t], 0, 5, 2, true, &s));
        leray_sampler_destroy(&s);
    }
}

/* ---- samplers that read a table: designs are functions of the range, these of the deck too ---- */

typedef struct table_deck {
    leray_config *cfg;
    const char *name[2];
    leray_range range[2];
    leray_sampler_deck deck;
} table_deck;

static void open_table(void **state, const char *text, table_deck *t)
{
    char path[LERAY_PATH_MAX], yaml[LERAY_PATH_MAX + 64];

    assert_ok(leray_file_write(file_in(state, "points.csv", path), text, strlen(text)));
    snprintf(yaml, sizeof yaml, "{path: \"%s\", jitter: 0.1}", path);
    *t = (table_deck){
        .name = {"nu",               "drag"        },
          .range = {{1e-4, 1e-2, true}, {-1, 3, false}}
    };
    assert_ok(
        leray_config_from_section("parameters", yaml, leray_sampler_certificate.keys, &t->cfg));
    t->deck = (leray_sampler_deck){t->cfg, "parameters", t->name, t->range};
}

static const char table[] = "time,drag,nu,trajectory\n2.5,0,1e-3,0\n2.5,3,1e-4,1\n9,-1,0.01,7\n";

/* Line by line, by the names of the columns; then again, each moved by at most 0.1 of the range, as
   seed and number say. */
static void table_gives_its_points(void **state)
{
    static const double known[3][2] = {
        {1e-3, 0 },
        {1e-4, 3 },
        {1e-2, -1}
    };
    enum { N = 300 };
    table_deck t;
    leray_sampler *a, *b, *c;
    double x[2], y[2], z[2], largest = 0;

    open_table(state, table, &t);
    assert_ok(leray_sampler_create_deck(&leray_sampler_certificate, &t.deck, 3, N, 2, true, &a));
    assert_ok(leray_sampler_create_deck(&leray_sampler_certificate, &t.deck, 3, N, 2, true, &b));
    assert_ok(leray_sampler_create_deck(&leray_sampler_certificate, &t.deck, 4, N, 2, true, &c));
    leray_config_destroy(&t.cfg);
    for (int i = 0; i < 3; i++) {
        assert_ok(leray_sampler_point(a, i, x));
        for (int j = 0; j < 2; j++) {
            double value = leray_range_map(&t.range[j], x[j]);

            assert_close(value, known[i][j], 1e-12 * fmax(1, fabs(known[i][j])));
        }
    }
    for (int i = N; i-- > 3;) {
        double from[2];

        assert_ok(leray_sampler_point(a, i % 3, from));
        assert_ok(leray_sampler_point(a, i, x));
        assert_ok(leray_sampler_point(b, i, y));
        assert_ok(leray_sampler_point(c, i, z));
        assert_memory_equal(x, y, sizeof x);
        for (int j = 0; j < 2; j++) {
            assert_true(x[j] >= 0 && x[j] < 1 && x[j] != z[j] && x[j] != from[j]);
            largest = fmax(largest, fabs(x[j] - from[j]));
        }
    }
    assert_true(largest > 0.09 && largest <= 0.1);
    leray_sampler_destroy(&c);
    leray_sampler_destroy(&b);
    leray_sampler_destroy(&a);
}

static void bad_table(void **state, const char *text, const char *words)
{
    table_deck t;
    leray_sampler *s;

    open_table(state, text, &t);
    assert_fails(leray_sampler_create_deck(&leray_sampler_certificate, &t.deck, 3, 5, 2, true, &s),
                 LERAY_ERR_CONFIG, words);
    assert_null(s);
    leray_config_destroy(&t.cfg);
}

static void bad_tables_are_refused(void **state)
{
    char path[LERAY_PATH_MAX];
    table_deck t;
    leray_sampler *s;

    bad_table(state, "nu,time\n1e-3,0\n", "no column 'drag'");
    bad_table(state, "nu,drag\n1e-3,0\n1e-3,3.5\n", "drag = 3.5 in line 3 is not in [-1, 3]");
    bad_table(state, "nu,drag\n,0\n", "nu = nan in line 2");
    bad_table(state, "nu,drag\n", "no points");
    open_table(state, table, &t);
    assert_int_equal(remove(file_in(state, "points.csv", path)), 0);
    assert_fails(leray_sampler_create_deck(&leray_sampler_certificate, &t.deck, 3, 5, 2, true, &s),
                 LERAY_ERR_DATA, "points.csv");
    leray_config_destroy(&t.cfg);
    assert_fails(leray_sampler_create_type(&leray_sampler_certificate, 3, 5, 2, true, &s),
                 LERAY_ERR_CONFIG, "deck");
}

static void memory_may_run_out_over_a_table(void **state)
{
    table_deck t;
    leray_sampler *s;
    leray_status status;

    open_table(state, table, &t);
    assert_survives_failing_allocations(
        status,
        status = leray_sampler_create_deck(&leray_sampler_certificate, &t.deck, 0, 5, 2, true, &s));
    leray_sampler_destroy(&s);
    leray_config_destroy(&t.cfg);
}

static void ranges_are_mapped(void **state)
{
    leray_range linear = {-2, 6, false}, decades = {1e-4, 1e-1, true}, point = {3, 3, true},
                bad = {2, 1, false}, zero = {0, 1, true}, infinite = {0, INFINITY, false};

    (void)state;
    assert_ok(leray_range_check(&linear, "a"));
    assert_ok(leray_range_check(&decades, "nu"));
    assert_ok(leray_range_check(&point, "b"));
    assert_fails(leray_range_check(&bad, "nu"), LERAY_ERR_CONFIG, "nu: min 2 and max 1");
    assert_fails(leray_range_check(&zero, "nu"), LERAY_ERR_CONFIG, "logarithmic");
    assert_fails(leray_range_check(&infinite, "nu"), LERAY_ERR_CONFIG, "inf");
    assert_close(leray_range_map(&linear, 0.25), 0, 0);
    assert_close(leray_range_map(&linear, 0), -2, 0);
    assert_close(leray_range_map(&decades, 1.0 / 3) / 1e-3, 1, 1e-14);
    assert_close(leray_range_map(&decades, 2.0 / 3) / 1e-2, 1, 1e-14);
    assert_true(leray_range_map(&decades, 0) == 1e-4);
    assert_true(leray_range_map(&decades, nextafter(1, 0)) <= 1e-1);
    assert_true(leray_range_map(&point, 0.7) == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sobol_begins_as_published),
        cmocka_unit_test(sobol_agrees_with_pytorch),
        cmocka_unit_test(sobol_is_a_net),
        cmocka_unit_test(stratified),
        cmocka_unit_test(moments_are_those_of_the_uniform_law),
        cmocka_unit_test(points_are_functions_of_seed_and_index),
        cmocka_unit_test(bad_sizes_are_refused),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(table_gives_its_points),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(memory_may_run_out_over_a_table),
        cmocka_unit_test(ranges_are_mapped),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
