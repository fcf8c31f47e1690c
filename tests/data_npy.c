/* tests/data_npy.c - .npy files: NumPy's own, round trips, and every defect. */
#include "data_files.h"

#include "data/formats/npy.h"

static void reads_what_numpy_wrote(void **state)
{
    static const struct {
        const char *name;
        double offset, step;
        leray_npy_type type;
    } cases[] = {
        {"numpy_f8.npy", 0,     1 / 7.0, LERAY_NPY_F8},
        {"numpy_v2.npy", 0,     1 / 7.0, LERAY_NPY_F8},
        {"numpy_v3.npy", 0,     1 / 7.0, LERAY_NPY_F8},
        {"numpy_u1.npy", 0,     50,      LERAY_NPY_U1},
        {"numpy_i4.npy", -3e5,  1e5,     LERAY_NPY_I4},
        {"numpy_i8.npy", -3e12, 1e12,    LERAY_NPY_I8},
    };
    char path[LERAY_PATH_MAX];
    double x[6];
    float z[6];
    leray_npy npy;

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        snprintf(path, sizeof path, FIXTURES "%s", cases[k].name);
        assert_ok(leray_npy_read(path, &npy));
        assert_int_equal(npy.type, cases[k].type);
        assert_ok(leray_npy_expect(&npy, path, 2, (int64_t[]){2, 3}));
        leray_npy_get_double(&npy, 0, 6, x);
        leray_npy_get_float(&npy, 2, 4, z);
        for (int i = 0; i < 6; i++) {
            double want = cases[k].offset + (cases[k].step < 1 ? i / 7.0 : cases[k].step * i);

            assert_true(x[i] == want);
            if (i >= 2) assert_true(z[i - 2] == (float)want);
        }
        leray_npy_fini(&npy);
    }
    assert_ok(leray_npy_read(FIXTURES "numpy_f4.npy", &npy));
    leray_npy_get_double(&npy, 0, 6, x);
    for (int i = 0; i < 6; i++) assert_true(x[i] == (double)(float)(i / 7.0));
    leray_npy_fini(&npy);
    assert_ok(leray_npy_read(FIXTURES "numpy_scalar.npy", &npy));
    assert_int_equal(npy.rank, 0);
    leray_npy_get_double(&npy, 0, 1, x);
    assert_true(x[0] == 2.5);
    leray_npy_fini(&npy);
}

static void refuses_what_it_cannot_read(void **state)
{
    leray_npy npy;
    int64_t shape[3] = {2, -1, 4};

    (void)state;
    assert_fails(leray_npy_read(FIXTURES "numpy_big_endian.npy", &npy), LERAY_ERR_DATA,
                 "big-endian dtype '>f4'; save with array.astype('<f4')");
    assert_fails(leray_npy_read(FIXTURES "numpy_complex.npy", &npy), LERAY_ERR_DATA,
                 "unsupported dtype '<c8'");
    assert_fails(leray_npy_read(FIXTURES "numpy_nan.npy", &npy), LERAY_ERR_DATA, "index [1, 2]");
    assert_fails(leray_npy_read(FIXTURES "absent.npy", &npy), LERAY_ERR_DATA, "absent.npy");
    assert_ok(leray_npy_read(FIXTURES "numpy_f4.npy", &npy));
    assert_fails(leray_npy_expect(&npy, "f", 3, shape), LERAY_ERR_DATA,
                 "f: shape [2, 3], expected [2, any, 4]");
    assert_fails(leray_npy_expect(&npy, "f", 2, shape + 1), LERAY_ERR_DATA, "expected [any, 4]");
    leray_npy_fini(&npy);
}

/* A version 1.0 file with this header and `bytes` zero bytes of data. */
static size_t build(const char *header, size_t bytes, char *out)
{
    size_t n = strlen(header);

    memset(out, 0, 10 + n + bytes);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (char)(n & 0xff), out[9] = (char)(n >> 8);
    memcpy(out + 10, header, n);
    return 10 + n + bytes;
}

static void headers_are_parsed_strictly(void **state)
{
    static const struct {
        const char *header, *words;
        size_t bytes;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",                   NULL,                         8 },
        {"{\"shape\":(2),'descr':'<f4','fortran_order':False}",                         "not a tuple",                8 },
        {"{\"shape\":(2,),'descr':'<f4','fortran_order':False}  \n",                    NULL,                         8 },
        {"{'shape': (0, 9), 'descr': '<f8', 'fortran_order': False}",                   NULL,                         0 },
        {"{'shape': (2,), 'descr': '<f4', 'fortran_order': False}",                     "truncated",                  7 },
        {"{'shape': (2,), 'descr': '<f4', 'fortran_order': False}",                     "1 bytes after",              9 },
        {"{'shape': (2,), 'descr': '<f4'}",                                             "'fortran_order' is missing", 8 },
        {"{'shape': (2,), 'shape': (2,)}",                                              "repeated key 'shape'",       8 },
        {"{'descr': '<f4', 'colour': 1}",                                               "unknown key 'colour'",       8 },
        {"{'shape': (2 3), 'descr': '<f4', 'fortran_order': False}",                    "',' expected",               24},
        {"{'shape': (-2,), 'descr': '<f4', 'fortran_order': False}",                    "non-negative",               8 },
        {"{'shape': (2,), 'descr': '<f4', 'fortran_order': Falsehood}",                 "neither True",               8 },
        {"{'shape': (2,), 'descr': '<f4', 'fortran_order': False} x",                   "after the closing",          8 },
        {"{'shape': (1,1,1,1,1,1,1,1,1), 'descr': '<f4', 'fortran_order': False}",      "axes",                       4 },
        {"{'shape': (4294967296, 4294967296), 'descr': '<f4', 'fortran_order': False}", "overflows",
         8                                                                                                              },
        {"{'shape': (99999999999999999999,), 'descr': '<f4', 'fortran_order': False}",
         "'shape' overflows",                                                                                         8 },
        {"{'shape': (2,), 'descr': [('a', '<f4')], 'fortran_order': False}",            "structured",                 8 },
        {"{'shape': (2,), 'descr': '<f4\\'', 'fortran_order': False}",                  "expected",                   8 },
        {"{'shape': (2,), 'descr': '<f4', 'fortran_order': False",                      "'}' expected",               8 },
        {"",                                                                            "'{' expected",               8 },
    };
    char file[512];
    leray_npy npy;

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        size_t size = build(cases[k].header, cases[k].bytes, file);

        if (cases[k].words)
            assert_fails(leray_npy_parse("f", file, size, &npy), LERAY_ERR_DATA, cases[k].words);
        else assert_ok(leray_npy_parse("f", file, size, &npy));
    }
    file[0] = 'x';
    assert_fails(leray_npy_parse("f", file, 100, &npy), LERAY_ERR_DATA, "bad magic");
    build("", 0, file);
    file[6] = 4;
    assert_fails(leray_npy_parse("f", file, 100, &npy), LERAY_ERR_DATA, "version 4.0");
}

/* [2, 3, 4] with the first index fastest; element (i, j, k) holds 100 i + 10 j + k. */
static void fortran_order_is_put_in_c_order(void **state)
{
    const char *header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }";
    char file[256], path[LERAY_PATH_MAX];
    size_t size = build(header, 24, file);
    double parsed[24], read[24];
    leray_npy npy;

    for (int n = 0; n < 24; n++)
        file[size - 24 + (size_t)n] = (char)(100 * (n % 2) + 10 * (n / 2 % 3) + n / 6);
    assert_ok(leray_npy_parse("f", file, size, &npy));
    leray_npy_get_double(&npy, 0, 24, parsed);
    assert_ok(leray_file_write(file_in(state, "f.npy", path), file, size));
    assert_ok(leray_npy_read(path, &npy));
    assert_false(npy.fortran);
    leray_npy_get_double(&npy, 0, 24, read);
    for (int n = 0; n < 24; n++) {
        double want = 100 * (n / 12) + 10 * (n / 4 % 3) + n % 4;

        assert_true(parsed[n] == want);
        assert_true(read[n] == want);
        assert_int_equal(((const uint8_t *)npy.data)[n], (int)want);
    }
    leray_npy_fini(&npy);
}

static void every_truncation_is_noticed(void **state)
{
    char *block;
    size_t size;
    leray_npy npy;

    (void)state;
    assert_ok(leray_file_read(FIXTURES "numpy_v2.npy", &block, &size));
    for (size_t n = 0; n < size; n++) {
        char *part = malloc(n + 1); /* a block of its own, so that reading past it is caught */

        memcpy(part, block, n);
        if (leray_npy_parse("f", part, n, &npy) != LERAY_ERR_DATA) fail_msg("%zu bytes", n);
        free(part);
    }
    leray_mem_free(block);
}

static void round_trip_is_exact(void **state)
{
    static const size_t bytes[] = {4, 8, 1, 4, 8};
    char path[LERAY_PATH_MAX];
    double data[24];

    file_in(state, "a.npy", path);
    for (int i = 0; i < 24; i++) data[i] = ldexp(1 + i / 31.0, i - 12);
    for (int type = LERAY_NPY_F4; type <= LERAY_NPY_I8; type++) {
        leray_npy npy;
        float single[24];
        const void *from = data;

        for (int i = 0; i < 24; i++) single[i] = (float)data[i];
        if (type == LERAY_NPY_F4) from = single;
        for (int rank = 0; rank <= 4; rank++) {
            int64_t shape[4] = {4, 3, 2, 1};
            size_t count = rank == 0 ? 1 : rank == 1 ? 4 : rank == 2 ? 12 : 24;

            assert_ok(leray_npy_write(path, (leray_npy_type)type, rank, shape, from));
            assert_ok(leray_npy_read(path, &npy));
            assert_int_equal(npy.type, type);
            assert_ok(leray_npy_expect(&npy, path, rank, shape));
            assert_int_equal(npy.count, count);
            assert_memory_equal(npy.data, from, count * bytes[type]);
            assert_int_equal(((const char *)npy.data - npy.block) % 64, 0);
            leray_npy_fini(&npy);
        }
    }
    assert_fails(leray_npy_write(path, LERAY_NPY_F4, 9, NULL, data), LERAY_ERR_ARG, "rank 9");
    assert_fails(leray_npy_write("/nowhere/a.npy", LERAY_NPY_F4, 0, NULL, data), LERAY_ERR_IO,
                 "/nowhere");
}

static void memory_may_run_out(void **state)
{
    leray_npy npy;
    leray_status status;
    char path[LERAY_PATH_MAX];
    double x = 1;

    assert_survives_failing_allocations(
        status, status = leray_npy_read(FIXTURES "numpy_fortran.npy", &npy));
    leray_npy_fini(&npy);
    file_in(state, "b.npy", path);
    assert_survives_failing_allocations(status,
                                        status = leray_npy_write(path, LERAY_NPY_F8, 0, NULL, &x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_numpy_wrote),
        cmocka_unit_test(refuses_what_it_cannot_read),
        cmocka_unit_test(headers_are_parsed_strictly),
        cmocka_unit_test(fortran_order_is_put_in_c_order),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(round_trip_is_exact),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
