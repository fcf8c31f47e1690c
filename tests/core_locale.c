/* tests/core_locale.c - a host program may have set any locale: decks, tables, JSON, pictures and results are the
   same bytes under a decimal comma as without. The locales are made here, by localedef. */
#include "data_well_files.h"

#include "core/config.h"
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "data/formats/csv.h"
#include "data/spectrum_file.h"
#include <leray/leray.h>

#include <locale.h>

static bool make_locale(const char *folder, const char *name)
{
    char command[LERAY_PATH_MAX + 128];

    snprintf(command, sizeof command, "localedef --no-archive -i %s -f UTF-8 '%s/%s.UTF-8'", name,
             folder, name);
    return system(command) == 0;
}

static void use_locale(const char *name)
{
    if (!setlocale(LC_ALL, name)) fail_msg("no locale %s", name);
}

/* The host's own numbers stay as it wants them. */
static void assert_comma(void)
{
    char text[16];

    snprintf(text, sizeof text, "%.1f", 1.5);
    assert_string_equal(text, "1,5");
    assert_true(strtod("1,5", NULL) == 1.5);
}

static void numbers(void **state)
{
    leray_text t = {0};
    char text[32], *end, *all;

    (void)state;
    assert_comma();
    leray_print(text, sizeof text, "%.3g", 0.125);
    assert_string_equal(text, "0.125");
    assert_true(leray_number_read("2.5e-3,", &end) == 2.5e-3 && *end == ',');
    leray_text_add(&t, "%g", 0.5);
    assert_ok(leray_text_finish(&t, &all));
    assert_string_equal(all, "0.5");
    leray_mem_free(all);
    assert_int_equal(leray_error_raise(LERAY_ERR_DATA, "f", 1, "%g", 1.5), LERAY_ERR_DATA);
    assert_true(strncmp(leray_error_message(), "1.5\n", 4) == 0);
    assert_comma();
}

static void json_and_tables(void **state)
{
    static const char table[] = "k,E\n1.5,2.25\n2.5,1e-3\n";
    char path[LERAY_PATH_MAX], *text;
    leray_spectrum_file spectrum;
    leray_json *json, *again;
    leray_csv csv;
    double x;

    assert_ok(leray_json_object(&json));
    assert_ok(leray_json_set_real(json, "x", 0.1));
    assert_ok(leray_json_text(json, 0, &text));
    assert_string_equal(text, "{\"x\": 0.10000000000000001}");
    assert_ok(leray_json_parse("t", text, strlen(text), &again));
    assert_ok(leray_json_get_real(again, "x", &x));
    assert_true(x == 0.1);
    leray_json_destroy(&again);
    leray_json_destroy(&json);
    leray_mem_free(text);
    assert_ok(leray_file_write(file_in(state, "t.csv", path), table, sizeof table - 1));
    assert_ok(leray_csv_read(path, &csv));
    assert_true(leray_csv_column(&csv, 0)[1] == 2.5 && leray_csv_column(&csv, 1)[0] == 2.25);
    leray_csv_free(&csv);
    assert_ok(leray_spectrum_file_read(path, &spectrum));
    assert_true(spectrum.count == 2 && spectrum.k[0] == 1.5 && spectrum.energy[1] == 1e-3);
    leray_spectrum_file_fini(&spectrum);
    assert_comma();
}

/* ---- whole commands ----------------------------------------------------------------------- */

static void run(void **state, const char *deck, const char *folder,
                leray_status (*call)(const leray_config *, const leray_run_options *,
                                     leray_report *))
{
    static const char *const overrides[] = {"threads=1"};
    char path[LERAY_PATH_MAX];
    leray_run_options options = {.folder = file_in(state, folder, path)};
    leray_config *cfg;
    leray_report report;

    assert_ok(leray_config_open(deck, 1, overrides, &cfg));
    assert_ok(call(cfg, &options, &report));
    leray_config_destroy(&cfg);
    leray_report_free(&report);
}

static void read_in(void **state, const char *folder, const char *name, char **text)
{
    char path[LERAY_PATH_MAX], file[256];
    size_t size;

    snprintf(file, sizeof file, "%s/%s", folder, name);
    assert_ok(leray_file_read(file_in(state, file, path), text, &size));
}

static void same_file(void **state, const char *a, const char *b, const char *name)
{
    char *x, *y;

    read_in(state, a, name, &x);
    read_in(state, b, name, &y);
    if (strcmp(x, y) != 0) fail_msg("%s is another under this locale:\n%.200s\n%.200s", name, x, y);
    leray_mem_free(x);
    leray_mem_free(y);
}

static void run_all(void **state, const char *prefix)
{
    char folder[64];

    snprintf(folder, sizeof folder, "%s-solve", prefix);
    run(state, LERAY_SOURCE_DIR "/tests/decks/solve_tiny.yaml", folder, leray_run_solve);
    snprintf(folder, sizeof folder, "%s-online", prefix);
    run(state, LERAY_SOURCE_DIR "/tests/decks/online_tiny.yaml", folder, leray_run_online);
}

/* Each line of metrics.jsonl is JSON with a loss. */
static void metrics_are_json(void **state, const char *folder)
{
    char *text;

    read_in(state, folder, "metrics.jsonl", &text);
    for (char *at = text; *at; at += strcspn(at, "\n") + 1) {
        leray_json *json;
        double loss;

        assert_ok(leray_json_parse("metrics", at, strcspn(at, "\n"), &json));
        assert_ok(leray_json_get_real(json, "loss", &loss));
        assert_true(loss > 0 && loss < 10);
        leray_json_destroy(&json);
    }
    leray_mem_free(text);
}

static void commands_are_the_same(void **state)
{
    char path[LERAY_PATH_MAX];
    leray_report report, plain;

    setenv("SOURCE_DATE_EPOCH", "0", 1);
    leray_set_verbosity(0);
    use_locale("C");
    run_all(state, "c");
    assert_ok(leray_list("solver", "ns3d", &plain));
    use_locale("de_DE.UTF-8");
    setenv("LC_ALL", "de_DE.UTF-8", 1); /* for gnuplot */
    run_all(state, "de");
    assert_ok(leray_list("solver", "ns3d", &report));
    assert_string_equal(report.text, plain.text);
    assert_string_equal(report.json, plain.json);
    leray_report_free(&report);
    leray_report_free(&plain);
    assert_ok(leray_plot(file_in(state, "de-solve/spectra.csv", path), NULL, 0, NULL, &report));
    leray_report_free(&report);
    assert_ok(leray_plot(file_in(state, "de-solve/fields.h5", path), NULL, 0, NULL, &report));
    leray_report_free(&report);
    assert_comma();
    unsetenv("LC_ALL");
    use_locale("C");
    assert_ok(leray_plot(file_in(state, "c-solve/spectra.csv", path), NULL, 0, NULL, &report));
    leray_report_free(&report);
    assert_ok(leray_plot(file_in(state, "c-solve/fields.h5", path), NULL, 0, NULL, &report));
    leray_report_free(&report);
    same_file(state, "c-solve", "de-solve", "config.yaml");
    same_file(state, "c-solve", "de-solve", "statistics.csv");
    same_file(state, "c-solve", "de-solve", "spectra.csv");
    same_file(state, "c-solve", "de-solve", "fields.xdmf");
    same_file(state, "c-solve", "de-solve", "spectra.gp");
    same_file(state, "c-solve", "de-solve", "spectra.dat");
    same_file(state, "c-solve", "de-solve", "fields.gp");
    same_file(state, "c-online", "de-online", "config.yaml");
    same_file(state, "c-online", "de-online", "curves.gp");
    metrics_are_json(state, "de-online");
}

/* In a Turkish locale the capital of i is not I, and names of boundaries are read all the same. */
static void turkish_names(void **state)
{
    char path[LERAY_PATH_MAX];
    leray_well *well;

    use_locale("C");
    assert_ok(well_write_file(file_in(state, "t.h5", path)));
    use_locale("tr_TR.UTF-8");
    assert_ok(leray_well_open(path, &well));
    leray_well_close(&well);
    use_locale("C");
}

static void *folder;

static int give_folder(void **state)
{
    *state = folder;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(json_and_tables),
        cmocka_unit_test(commands_are_the_same),
        cmocka_unit_test(turkish_names),
    };
    int failed;

    if (make_folder(&folder)) return 1;
    if (!make_locale(folder, "de_DE") || !make_locale(folder, "tr_TR")) {
        fprintf(stderr, "core_locale: localedef cannot make de_DE and tr_TR: install the package "
                        "'locales' (tools/deps.sh check)\n");
        return remove_folder(&folder) ? 1 : 77;
    }
    setenv("LOCPATH", folder, 1);
    use_locale("de_DE.UTF-8");
    failed = cmocka_run_group_tests(tests, give_folder, NULL);
    use_locale("C");
    return remove_folder(&folder) || failed;
}
