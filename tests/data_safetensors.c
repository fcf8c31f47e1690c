/* tests/data_safetensors.c - safetensors files: round trip, and every defect. */
#include "data_files.h"

#include "data/formats/safetensors.h"

static const float a[6] = {1, -2.5f, 1e-40f, 3e38f, 0, -0.0f};
static const double b[2] = {0.1, -1e300};
static const leray_safetensors_entry tensors[] = {
    {.name = "layer.weight",         .type = LERAY_SAFETENSORS_F32, .rank = 2, .shape = {2, 3}, .data = a},
    {.name = "empty",                .type = LERAY_SAFETENSORS_F32, .rank = 2, .shape = {0, 7}},
    {.name = "scalar \"quoted\"", .type = LERAY_SAFETENSORS_F64,                     .rank = 0, .data = b               },
    {.name = "b",                     .type = LERAY_SAFETENSORS_F64,                                      .rank = 1, .shape = {2},                .data = b         },
};
static const leray_safetensors_text metadata[] = {
    {"format", "leray 1"                     },
    {"Gr\xc3\xb6\xc3\x9f"
     "e", "{\"n\": 3,\n\"x\": \"\\\\\"}"}
};

static void round_trip_is_exact(void **state)
{
    static const size_t bytes[] = {24, 0, 8, 16};
    char path[LERAY_PATH_MAX];
    leray_safetensors *file;
    const leray_safetensors_entry *e;

    file_in(state, "a.safetensors", path);
    assert_ok(leray_safetensors_write(path, 4, tensors, 2, metadata));
    assert_ok(leray_safetensors_read(path, &file));
    assert_int_equal(leray_safetensors_count(file), 4);
    for (int i = 0; i < 4; i++) {
        assert_ok(leray_safetensors_require(file, tensors[i].name, tensors[i].type, tensors[i].rank,
                                            tensors[i].shape, &e));
        assert_ptr_equal(e, leray_safetensors_find(file, tensors[i].name));
        assert_int_equal(e->bytes, bytes[i]);
        if (bytes[i]) assert_memory_equal(e->data, tensors[i].data, bytes[i]);
        assert_int_equal((uintptr_t)leray_safetensors_at(file, 0)->data % 8, 0);
    }
    assert_int_equal(leray_safetensors_metadata_count(file), 2);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(leray_safetensors_metadata(file, metadata[i].key), metadata[i].value);
        assert_string_equal(leray_safetensors_metadata_at(file, i).key, metadata[i].key);
    }
    assert_null(leray_safetensors_metadata(file, "absent"));
    assert_null(leray_safetensors_find(file, "absent"));
    assert_fails(leray_safetensors_require(file, "absent", LERAY_SAFETENSORS_F32, 0, NULL, &e),
                 LERAY_ERR_DATA, "'absent' is missing");
    assert_fails(
        leray_safetensors_require(file, "b", LERAY_SAFETENSORS_F32, 1, tensors[3].shape, &e),
        LERAY_ERR_DATA, "tensor 'b' is F64 [2], expected F32 [2]");
    leray_safetensors_destroy(&file);
}

static void writer_checks_its_arguments(void **state)
{
    leray_safetensors_entry twice[2] = {tensors[0], tensors[0]}, negative = tensors[0];
    char path[LERAY_PATH_MAX];

    file_in(state, "b.safetensors", path);
    negative.shape[1] = -1;
    assert_fails(leray_safetensors_write(path, 2, twice, 0, NULL), LERAY_ERR_ARG, "used twice");
    assert_fails(leray_safetensors_write(path, 1, &negative, 0, NULL), LERAY_ERR_ARG, "extent -1");
    negative.name = "";
    assert_fails(leray_safetensors_write(path, 1, &negative, 0, NULL), LERAY_ERR_ARG, "no name");
    assert_false(leray_file_exists(path));
}

static size_t build(const char *header, size_t bytes, char *out)
{
    size_t n = strlen(header);

    memset(out, 0, 8 + n + bytes);
    out[0] = (char)n, out[1] = (char)(n >> 8);
    memcpy(out + 8, header, n);
    return 8 + n + bytes;
}

static void defects_are_named(void **state)
{
    static const struct {
        const char *header, *words;
        size_t bytes;
    } cases[] = {
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",                     NULL,                         8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}   ",                  NULL,                         8 },
        {"{}",                                                                                   NULL,                         0 },
        {" {}",                                                                                  "does not begin with '{'",    0 },
        {"",                                                                                     "does not begin with '{'",    4 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",                     "truncated",                  7 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",                     "1 bytes belong to no",
         9                                                                                                                       },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",                    "hole",                       12},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",            "inside the one before",      12},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",            "hole",                       12},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",                     "its shape needs 12",
         8                                                                                                                       },
        {"{\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}",                    "dtype BF16",                 4 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",                     "outside",                    8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",                    "outside",                    8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",                    "extent -2",                  8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
         "overflows",                                                                                                          0 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
         "list of integers 'shape'",                                                                                           8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":{\"n\":2},\"data_offsets\":[0,8]}}",
         "list of integers 'shape'",                                                                                           8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}",                       "data_offsets",               8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}",                   "at most 2",                  8 },
        {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}",                               "no text 'dtype'",            8 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}",             "nothing else",
         8                                                                                                                       },
        {"{\"a\":3}",                                                                            "not described by an object", 0 },
        {"{\"__metadata__\":{\"n\":3}}",                                                         "map text to text",           0 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",             "duplicate",                  4 },
        {"{\"a\":",                                                                              "f:1:",                       0 },
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
         "9 entries",                                                                                                          4 },
    };
    char file[512];
    leray_safetensors *out;

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        size_t size = build(cases[k].header, cases[k].bytes, file);

        if (cases[k].words) {
            assert_fails(leray_safetensors_parse("f", file, size, &out), LERAY_ERR_DATA,
                         cases[k].words);
            assert_null(out);
        } else {
            assert_ok(leray_safetensors_parse("f", file, size, &out));
            leray_safetensors_destroy(&out);
        }
    }
    memset(file, 0xff, 8);
    assert_fails(leray_safetensors_parse("f", file, 100, &out), LERAY_ERR_DATA,
                 "at most 100000000");
    assert_fails(leray_safetensors_parse("f", file, 7, &out), LERAY_ERR_DATA, "too few");
}

static void every_truncation_is_noticed(void **state)
{
    char path[LERAY_PATH_MAX], *block;
    size_t size;
    leray_safetensors *out;

    file_in(state, "c.safetensors", path);
    assert_ok(leray_safetensors_write(path, 4, tensors, 2, metadata));
    assert_ok(leray_file_read(path, &block, &size));
    for (size_t n = 0; n < size; n++) {
        char *part = malloc(n + 1);

        memcpy(part, block, n);
        if (leray_safetensors_parse("f", part, n, &out) != LERAY_ERR_DATA) fail_msg("%zu bytes", n);
        free(part);
    }
    leray_mem_free(block);
}

static void memory_may_run_out(void **state)
{
    char path[LERAY_PATH_MAX];
    leray_safetensors *file;
    leray_status status;

    file_in(state, "d.safetensors", path);
    assert_survives_failing_allocations(
        status, status = leray_safetensors_write(path, 4, tensors, 2, metadata));
    assert_survives_failing_allocations(status, status = leray_safetensors_read(path, &file));
    leray_safetensors_destroy(&file);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_is_exact), cmocka_unit_test(writer_checks_its_arguments),
        cmocka_unit_test(defects_are_named),   cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(memory_may_run_out),
    };

    /* For tests/data_safetensors_numpy.sh. */
    if (argc == 2)
        return leray_safetensors_write(argv[1], 4, tensors, 2, metadata) == LERAY_OK ? 0 : 1;
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
