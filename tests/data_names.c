/* tests/data_names.c - names may be any text: CSV, JSON, XDMF, gnuplot scripts and shell lines hold them as
   nothing but texts. */
#include "data_well_files.h"
#include "grids.h"

#include "commands/plot/gnuplot.h"
#include "core/json.h"
#include "core/provenance.h"
#include "data/formats/csv.h"
#include "data/formats/xdmf.h"
#include "data/table.h"

#include <unistd.h>

static const char *const odd[] = {
    "u'",     "w\"; set print 'x'", "a,b",          "a\nb", "%s%n", "back\\slash", "{x}^2",
    "@macro", "`touch INJ`",        "$(touch INJ)", "<&>",  "]]>",  " a ",         "\"",
    "\"\"",   "\"a\",\"b\"",        "a\r\nb",       "\t",   "",     "\xC3\xBC"};
enum { ODD = sizeof odd / sizeof odd[0] };

static void csv_reads_what_it_writes(void **state)
{
    char path[LERAY_PATH_MAX];
    leray_table table = {.n = ODD, .name = odd};
    double *row;
    leray_csv csv;

    for (int r = 0; r < 2; r++) {
        assert_ok(leray_table_add(&table, &row));
        for (int c = 0; c < ODD - 1; c++) row[c] = 100 * r + c; /* the last stays unknown */
    }
    assert_ok(leray_table_write(&table, *state, "odd.csv"));
    assert_ok(leray_csv_read(file_in(state, "odd.csv", path), &csv));
    assert_int_equal(csv.columns, ODD);
    assert_int_equal(csv.rows, 2);
    for (int c = 0; c < ODD; c++) {
        assert_string_equal(csv.name[c], odd[c]);
        assert_int_equal(leray_csv_find(&csv, odd[c]), c);
        for (int r = 0; r < 2 && c < ODD - 1; r++)
            assert_true(leray_csv_column(&csv, c)[r] == 100 * r + c);
    }
    assert_true(isnan(leray_csv_column(&csv, ODD - 1)[0]));
    leray_csv_free(&csv);
    leray_table_fini(&table);
}

static void read_text(void **state, const char *text, leray_csv *csv)
{
    char path[LERAY_PATH_MAX];

    assert_ok(leray_file_write(file_in(state, "t.csv", path), text, strlen(text)));
    assert_ok(leray_csv_read(path, csv));
}

/* As spreadsheets write it: CRLF, quotes around numbers; and a line that a killed writer left. */
static void csv_of_others(void **state)
{
    char path[LERAY_PATH_MAX];
    leray_csv csv;

    read_text(state, "\"a, \"\"1\"\"\",b\r\n\"1.5\",2\r\n3,\r\n4,", &csv);
    assert_int_equal(csv.rows, 2);
    assert_string_equal(csv.name[0], "a, \"1\"");
    assert_string_equal(csv.name[1], "b");
    assert_true(leray_csv_column(&csv, 0)[0] == 1.5 && leray_csv_column(&csv, 0)[1] == 3);
    assert_true(leray_csv_column(&csv, 1)[0] == 2 && isnan(leray_csv_column(&csv, 1)[1]));
    leray_csv_free(&csv);
    file_in(state, "t.csv", path);
    assert_ok(leray_file_write(path, "a,b\n1,two\n", 10));
    assert_fails(leray_csv_read(path, &csv), LERAY_ERR_DATA, "column 'b': 'two' is no number");
    leray_csv_free(&csv);
    assert_ok(leray_file_write(path, "a,b\n1\n", 6));
    assert_fails(leray_csv_read(path, &csv), LERAY_ERR_DATA, "row 1 has 1 columns");
    leray_csv_free(&csv);
    assert_ok(leray_file_write(path, "\"a\nb", 4));
    assert_fails(leray_csv_read(path, &csv), LERAY_ERR_DATA, "not a table");
    leray_csv_free(&csv);
}

static void json_holds_any_bytes(void **state)
{
    leray_json *json, *again;
    const char *x;
    char *text;

    (void)state;
    assert_ok(leray_json_object(&json));
    for (int i = 0; i < ODD; i++) assert_ok(leray_json_set_text(json, odd[i], odd[i]));
    assert_ok(leray_json_set_text(json, "bad \xFF key", "bad \xC3 value \xED\xA0\x80"));
    assert_ok(leray_json_text(json, 2, &text));
    assert_ok(leray_json_parse("t", text, strlen(text), &again));
    for (int i = 0; i < ODD; i++) {
        assert_ok(leray_json_get_text(again, odd[i], &x));
        assert_string_equal(x, odd[i]);
    }
    assert_ok(leray_json_get_text(again, "bad \xEF\xBF\xBD key", &x));
    assert_string_equal(x, "bad \xEF\xBF\xBD value \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    leray_json_destroy(&again);
    leray_json_destroy(&json);
    leray_mem_free(text);
}

/* ---- XDMF --------------------------------------------------------------------------------- */

static void write_well(const char *path)
{
    static const char *const names[] = {"w\" <b>&amp; 'x'", "a\nb\tc", "\x01-->"};
    leray_well_description d = {.dataset_name = "odd \"<&", .n_trajectories = 1, .n_steps = 1};
    double values[WELL_POINTS] = {0};
    leray_frame_field field[3];
    leray_grid grid = grid_2d(WELL_NY, WELL_NX, true);
    leray_frame frame = {.grid = &grid, .count = WELL_NY, .nfields = 3, .field = field};
    leray_well_writer *writer;

    for (int k = 0; k < 3; k++) field[k] = (leray_frame_field){names[k], "1", values};
    assert_ok(leray_well_create(path, &d, &frame, &writer));
    assert_ok(leray_well_write(writer, 0, 0, &frame));
    assert_ok(leray_well_commit(&writer));
}

static void xdmf_is_xml(void **state)
{
    char path[LERAY_PATH_MAX], *text;
    size_t size;

    write_well(file_in(state, "a&b\"<'.h5", path));
    assert_ok(leray_xdmf_write(path));
    assert_ok(leray_file_read(file_in(state, "a&b\"<'.xdmf", path), &text, &size));
    assert_non_null(strstr(text, "Name=\"w&quot; &lt;b&gt;&amp;amp; &apos;x&apos;\""));
    assert_non_null(strstr(text, ">a&amp;b&quot;&lt;&apos;.h5:/t0_fields/w&quot; &lt;b&gt;"));
    assert_non_null(strstr(text, "Name=\"a&#10;b&#9;c\""));
    assert_non_null(strstr(text, "Name=\"\xEF\xBF\xBD--&gt;\""));
    leray_mem_free(text);
}

/* ---- gnuplot and shells -------------------------------------------------------------------- */

static void add_all(leray_text *text, void (*add)(leray_text *, const char *), const char *from)
{
    memset(text, 0, sizeof *text);
    add(text, from);
    assert_int_equal(text->status, LERAY_OK);
}

static void gnuplot_texts(void **state)
{
    leray_text s;
    char *text;

    (void)state;
    add_all(&s, leray_gnuplot_add_text, "a'b\n`c` \\ \xFF @d");
    leray_gnuplot_add_file(&s, "<it's", "gp");
    assert_ok(leray_text_finish(&s, &text));
    assert_string_equal(text, "'a''b `c` \\ \xEF\xBF\xBD @d''./<it''s.gp'");
    leray_mem_free(text);
    assert_ok(leray_gnuplot_check_name("-'`|<$ \xC3\xBC"));
    assert_fails(leray_gnuplot_check_name("a\nb"), LERAY_ERR_ARG, "no name of a picture");
    assert_fails(leray_gnuplot_check_name("a/b"), LERAY_ERR_ARG, "no name of a picture");
    assert_fails(leray_gnuplot_check_name(""), LERAY_ERR_ARG, "no name of a picture");
}

/* A shell gives back each word as it was. */
static void shell_words(void **state)
{
    char path[LERAY_PATH_MAX], command[4096], *got;
    size_t size;

    for (int i = 0; i < ODD; i++) {
        leray_text s;
        char *word;

        add_all(&s, leray_text_add_word, odd[i]);
        assert_ok(leray_text_finish(&s, &word));
        snprintf(command, sizeof command, "cd '%s' && printf %%s %s >word", (char *)*state, word);
        assert_int_equal(system(command), 0);
        assert_ok(leray_file_read(file_in(state, "word", path), &got, &size));
        assert_string_equal(got, odd[i]);
        leray_mem_free(got);
        leray_mem_free(word);
    }
    assert_int_not_equal(access(file_in(state, "INJ", path), F_OK), 0);
}

static void provenance_holds_a_command_line(void **state)
{
    static const char *const argv[] = {"leray", "train", "a b.yaml", "x=$(touch INJ)", "\xFF"};
    leray_json *json;
    const char *x;

    (void)state;
    leray_provenance_set_command(5, argv);
    assert_ok(leray_provenance_json(NULL, NULL, 7, 0, NULL, &json));
    assert_ok(leray_json_get_text(json, "command", &x));
    assert_string_equal(x, "leray train 'a b.yaml' 'x=$(touch INJ)' '\xEF\xBF\xBD'");
    leray_json_destroy(&json);
    leray_provenance_set_command(0, NULL);
}

static void errors_do_not_steer_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(leray_error_raise(LERAY_ERR_DATA, "f.c", 1, "field '%s'", "\033[2J\a"),
                     LERAY_ERR_DATA);
    assert_string_equal(leray_error_message(), "field ' [2J '\n  at f.c:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_reads_what_it_writes),
        cmocka_unit_test(csv_of_others),
        cmocka_unit_test(json_holds_any_bytes),
        cmocka_unit_test(xdmf_is_xml),
        cmocka_unit_test(gnuplot_texts),
        cmocka_unit_test(shell_words),
        cmocka_unit_test(provenance_holds_a_command_line),
        cmocka_unit_test(errors_do_not_steer_a_terminal),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
