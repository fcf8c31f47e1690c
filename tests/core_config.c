/* tests/core_config.c - decks: what is read back, and the text of every complaint. */
#include "check.h"

#include "core/config.h"

typedef struct settings {
    int64_t count;
    double nu, amplitude;
    bool grid;
    char path[LERAY_TEXT_MAX];
    int scheme;
    leray_ints modes;
    leray_reals times;
} settings;

static const char *const schemes[] = {"rk4", "etdrk4", NULL};

static const leray_key rows[] = {
    LERAY_KEY_INT(settings, count, "count", "64", 4, 1e9, "1", "points"),
    LERAY_KEY_PARAMETER(settings, nu, "nu", "1e-3", 0, 10, "m2/s", "viscosity"),
    LERAY_KEY_REAL(settings, amplitude, "forcing.amplitude", "0.1", -1, 1, "1/s2", "strength"),
    LERAY_KEY_BOOL(settings, grid, "grid", "true", "coordinates"),
    LERAY_KEY_TEXT(settings, path, "path", "a file", "where"),
    LERAY_KEY_CHOICE(settings, scheme, "scheme", "rk4", schemes, "in time"),
    LERAY_KEY_INTS(settings, modes, "modes", "[12, 12]", 1, 64, "1", "kept modes"),
    LERAY_KEY_REALS(settings, times, "times", "[]", 0, 10, "s", "of output"),
};
static const leray_keys keys = {rows, (int)(sizeof rows / sizeof rows[0])};
static const leray_section schema[] = {
    {"solver", {rows, (int)(sizeof rows / sizeof rows[0])}, NULL}
};

static leray_status open_deck(const char *text, const char *override, leray_config **out)
{
    leray_status status = leray_config_parse_text("deck.yaml", text, out);

    if (!status && override) status = leray_config_override(*out, override);
    if (!status) status = leray_config_resolve(*out, 1, schema);
    if (status) leray_config_destroy(out);
    return status;
}

static void read_deck(const char *text, const char *override, settings *out)
{
    leray_config *cfg;

    assert_ok(open_deck(text, override, &cfg));
    assert_ok(leray_config_read(cfg, "solver", keys, out));
    leray_config_destroy(&cfg);
}

static void complain(const char *text, const char *override, const char *words)
{
    leray_config *cfg;

    assert_fails(open_deck(text, override, &cfg), LERAY_ERR_CONFIG, words);
    assert_null(cfg);
    assert_int_equal(leray_mem_live(), 0);
}

static void values(void **state)
{
    settings s;

    (void)state;
    read_deck("solver: {count: 128, nu: 2.5e-4, forcing: {amplitude: -0.5}, grid: false,\n"
              "  path: \"x: y\", scheme: etdrk4, modes: 8, times: [0, 0.5, 1e1]}\n",
              NULL, &s);
    assert_int_equal(s.count, 128);
    assert_true(s.nu == 2.5e-4 && s.amplitude == -0.5);
    assert_false(s.grid);
    assert_string_equal(s.path, "x: y");
    assert_int_equal(s.scheme, 1);
    assert_int_equal(s.modes.count, 1);
    assert_int_equal(s.modes.value[0], 8);
    assert_int_equal(s.times.count, 3);
    assert_true(s.times.value[2] == 10);
}

static void defaults_and_overrides(void **state)
{
    settings s;

    (void)state;
    read_deck("", NULL, &s);
    assert_int_equal(s.count, 64);
    assert_true(s.nu == 1e-3 && s.grid && s.times.count == 0 && s.modes.value[1] == 12);
    assert_string_equal(s.path, "a file");
    read_deck("solver:\n  count: 128\n", "solver.count=4e3", &s);
    assert_int_equal(s.count, 4000);
    read_deck("solver:\n", "solver={nu: 0.5, forcing: {amplitude: 1}}", &s);
    assert_true(s.nu == 0.5 && s.amplitude == 1);
    read_deck("solver: {path: is it? yes}", NULL, &s);
    assert_string_equal(s.path, "is it? yes");
    read_deck("solver: {forcing.amplitude: 0.25}", NULL, &s);
    assert_true(s.amplitude == 0.25);
}

static void complaints(void **state)
{
    (void)state;
    complain("solver:\n  cuont: 5\n", NULL,
             "deck.yaml:2:3: unknown key 'solver.cuont'; did you mean 'solver.count'?");
    complain("solvr: {nu: 1}", NULL,
             "deck.yaml:1:9: unknown key 'solvr.nu'; did you mean "
             "'solver.nu'?");
    complain("solver:\n  nu: 11\n", NULL,
             "deck.yaml:2:3: solver.nu = 11 is out of range: it must be in [0, 10]");
    complain("solver:\n  nu: thick\n", NULL, "solver.nu = 'thick' is not a number");
    complain("solver: {nu: nan}", NULL, "not a number");
    complain("solver: {count: 4.5}", NULL, "solver.count = '4.5' is not an integer");
    complain("solver: {count: 3}", NULL, "must be in [4, 1000000000]");
    complain("solver: {grid: yes}", NULL, "solver.grid = 'yes' must be true or false");
    complain("solver: {scheme: rk5}", NULL, "must be one of: rk4, etdrk4; did you mean 'rk4'?");
    complain("solver: {nu: [1, 2]}", NULL, "solver.nu wants one value, not a list");
    complain("solver: {nu: }", NULL, "solver.nu has no value");
    complain("solver: {modes: [1, 2, 99]}", NULL, "solver.modes = 99 is out of range");
    complain("solver: {modes: [[1]]}", NULL, "a list holds plain values only");
    complain("solver:\n  nu: 1\n  nu: 2\n", NULL, "deck.yaml:3:");
    complain("solver: {forcing: {amplitude: 1}, forcing.amplitude: 1}", NULL, "duplicate key");
    complain("solver: {nu: 1", NULL, "deck.yaml:");
    complain("- 1\n", NULL, "a deck is a mapping of sections");
    complain("a: &x 1\nb: *x\n", NULL, "alias");
    complain("", "solver.nu", "write key.path=value");
    complain("", "=3", "write key.path=value");
    complain("", "solver.nu=20", "command line: solver.nu = 20 is out of range");
    complain("", "solver.nux=20", "command line: unknown key 'solver.nux'; did you mean");
    complain("", "solver.nu=%>>>\xeb>>>", "byte 0xeb is not UTF-8");
    complain("solver: {path: \"\xc0\xaf\"}", NULL, "not UTF-8");
    complain("solver:\n\tnu: 1\n", NULL, "deck.yaml:2: a tab; use spaces");
    complain("solver: {nu: \"\001\"}", NULL, "control character 0x01");
    complain("? solver\n: 1\n", NULL, "deck.yaml:1: an explicit key");
    complain("", "solver=? (:x:", "an explicit key");
    complain("", "solver.nu=[1",
             "command line (solver.nu):2:1: flow sequence without a closing bracket");
    complain("", "solver.nu=", "solver.nu has no value");
    complain("solver: {forcing: 1}", NULL,
             "'solver.forcing' is a section, not a value: write 'forcing: {amplitude: ..}'");
    complain("solver: {? nu : 1}", NULL, "an explicit key");
}

/* The resolved deck reads back as the same deck, whatever the values. */
static void resolved_text(void **state)
{
    leray_config *cfg, *again;
    char *text, *text_again, *origins;

    (void)state;
    assert_ok(
        open_deck("solver:\n  nu: 0.1\n  path: \"a\\\"b # c\"\n", "solver.modes=[3, 5]", &cfg));
    assert_ok(leray_config_text(cfg, 0, &text));
    assert_ok(open_deck(text, NULL, &again));
    assert_ok(leray_config_text(again, 0, &text_again));
    assert_string_equal(text, text_again);
    assert_non_null(strstr(text, "modes: [3, 5]"));
    assert_non_null(strstr(text, "    amplitude: 0.1"));
    assert_ok(leray_config_text(cfg, 1, &origins));
    assert_non_null(strstr(origins, "nu: 0.1  # deck.yaml:2:3"));
    assert_non_null(strstr(origins, "modes: [3, 5]  # command line"));
    assert_non_null(strstr(origins, "count: 64  # default"));
    leray_mem_free(origins);
    leray_mem_free(text_again);
    leray_mem_free(text);
    leray_config_destroy(&again);
    leray_config_destroy(&cfg);
}

/* Texts that mean something to YAML, to a shell or to nobody. */
static const char *const odd[] = {
    "it's.h5",
    "a \"quoted\" name",
    "nu=1e-3/x.h5",
    "a: b",
    "a #b",
    " # c",
    "-x",
    "- x",
    "--data",
    "\xc3\xa9t\xc3\xa9/\xe6\xb9\x8d\xe6\xb5\x81.h5",
    "back\\slash\\n",
    "colon:",
    "[x]",
    "[x",
    "{a}",
    "{a: 1}",
    "{a: {b: 1}, c: 2}",
    "{",
    "}",
    "]",
    " lead",
    "trail ",
    "",
    " ",
    "~",
    "null",
    "Null",
    "true",
    "1e3",
    "? x",
    "a, ? b",
    "?",
    "!tag x",
    "&anchor",
    "*alias",
    "%x",
    "@x",
    "`x`",
    "|",
    ">",
    "'",
    "'a",
    "a'",
    "\"",
    "\"a",
    "\"a\" b",
    "...",
    "---",
    "..",
    "tab\there",
    "two\nlines",
    "cr\rlf\n",
    "\001\177",
    "nel\xc2\x85 ls\xe2\x80\xa8 ps\xe2\x80\xa9 bom\xef\xbb\xbf c1\xc2\x9f",
    "\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\x8c\x80",
    "=",
    "<<",
    "a\\",
    "//",
};
#define N_ODD ((int)(sizeof odd / sizeof odd[0]))

static void reads_back(leray_config *cfg, const char *what, const char *path)
{
    leray_config *again;
    settings s;
    char *text;

    assert_ok(leray_config_resolve(cfg, 1, schema));
    assert_ok(leray_config_read(cfg, "solver", keys, &s));
    if (strcmp(s.path, path) != 0) fail_msg("%s '%s' is read as '%s'", what, path, s.path);
    assert_ok(leray_config_text(cfg, 1, &text));
    assert_ok(open_deck(text, NULL, &again));
    assert_ok(leray_config_read(again, "solver", keys, &s));
    if (strcmp(s.path, path) != 0)
        fail_msg("%s '%s' is printed and read as '%s':\n%s", what, path, s.path, text);
    leray_mem_free(text);
    leray_config_destroy(&again);
}

static void any_text_can_be_set(void **state)
{
    (void)state;
    for (int i = 0; i < N_ODD; i++) {
        leray_config *cfg;

        assert_ok(leray_config_parse_text("deck.yaml", "solver: {nu: 1, path: x}", &cfg));
        assert_ok(leray_config_put_text(cfg, "solver.path", odd[i]));
        reads_back(cfg, "set", odd[i]);
        leray_config_destroy(&cfg);
    }
}

/* On the command line the text is the text, but for a scalar in quotes. */
static void any_text_can_override(void **state)
{
    leray_config *cfg, *copy;
    char assignment[LERAY_TEXT_MAX];
    settings s;

    (void)state;
    for (int i = 0; i < N_ODD; i++) {
        snprintf(assignment, sizeof assignment, "solver.path=%s", odd[i]);
        assert_ok(leray_config_parse_text("deck.yaml", "solver: {nu: 1, path: x}", &cfg));
        assert_ok(leray_config_override(cfg, assignment));
        assert_ok(leray_config_copy(cfg, &copy));
        reads_back(cfg, "override", odd[i]);
        reads_back(copy, "copy of override", odd[i]);
        leray_config_destroy(&copy);
        leray_config_destroy(&cfg);
    }
    read_deck("", "solver.path=\"a\\nb\"", &s);
    assert_string_equal(s.path, "a\nb");
    read_deck("", "solver.path='it''s'", &s);
    assert_string_equal(s.path, "it's");
    read_deck("", "solver.path=\"'a'\"", &s);
    assert_string_equal(s.path, "'a'");
    read_deck("", "solver={path: \"{a}\", nu: 3}", &s);
    assert_string_equal(s.path, "{a}");
    complain("", "solver.path=\xff", "byte 0xff is not UTF-8");
}

/* Names of sections are the user's too: tests: {"a: b": ..}. */
static void odd_sections_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < N_ODD; i++) {
        char name[64] = "", deck[128] = "";
        leray_section one = {name, keys, NULL};
        leray_config *cfg, *again;
        char *text;
        settings s;

        if (!*odd[i] || strchr(odd[i], '.')) continue;
        snprintf(name, sizeof name, "%s", odd[i]);
        snprintf(deck, sizeof deck, "%s.nu", name);
        assert_ok(leray_config_parse_text("deck.yaml", "", &cfg));
        assert_ok(leray_config_put_real(cfg, deck, 0.1));
        assert_ok(leray_config_resolve(cfg, 1, &one));
        assert_ok(leray_config_text(cfg, 0, &text));
        assert_ok(leray_config_parse_text("again", text, &again));
        assert_ok(leray_config_resolve(again, 1, &one));
        assert_ok(leray_config_read(again, name, keys, &s));
        assert_true(s.nu == 0.1);
        leray_mem_free(text);
        leray_config_destroy(&again);
        leray_config_destroy(&cfg);
    }
}

static void longest_text(void **state)
{
    char path[LERAY_TEXT_MAX];
    leray_config *cfg;

    (void)state;
    memset(path, '\001', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_ok(leray_config_parse_text("deck.yaml", "", &cfg));
    assert_ok(leray_config_put_text(cfg, "solver.path", path));
    reads_back(cfg, "longest", path);
    leray_config_destroy(&cfg);
}

/* Every kind of value; what is set wins over the deck and the command line, and a value that is
   refused leaves the deck as it was. */
static void typed_values(void **state)
{
    leray_config *cfg;
    settings s;

    (void)state;
    assert_ok(leray_config_parse_text("deck.yaml", "solver: {count: 5, modes: 7}", &cfg));
    assert_ok(leray_config_put_int(cfg, "solver.count", 6));
    assert_ok(leray_config_override(cfg, "solver.count=8"));
    assert_ok(leray_config_put_int(cfg, "solver.count", 9));
    assert_ok(leray_config_put_real(cfg, "solver.nu", 0.1));
    assert_ok(leray_config_put_bool(cfg, "solver.grid", false));
    assert_ok(leray_config_put_text(cfg, "solver.scheme", "etdrk4"));
    assert_ok(leray_config_put_ints(cfg, "solver.modes", 2, (int[]){3, 4}));
    assert_ok(leray_config_resolve(cfg, 1, schema));
    assert_string_equal(leray_config_where(cfg, "solver", "count"), " (program)");
    for (int round = 0; round < 2; round++) {
        assert_ok(leray_config_read(cfg, "solver", keys, &s));
        assert_true(s.count == 9 && s.nu == 0.1 && !s.grid && s.scheme == 1);
        assert_true(s.modes.count == 2 && s.modes.value[0] == 3 && s.modes.value[1] == 4);
        assert_ok(leray_config_put_int(cfg, "solver.count", 2));
        assert_fails(leray_config_resolve(cfg, 1, schema), LERAY_ERR_CONFIG,
                     "program: solver.count = 2 is out of range");
        leray_config_drop_part(cfg);
    }
    assert_ok(leray_config_resolve(cfg, 1, schema));
    assert_fails(leray_config_put_text(cfg, "solver.path", "\xff"), LERAY_ERR_CONFIG, "UTF-8");
    assert_fails(leray_config_put_int(cfg, "", 1), LERAY_ERR_CONFIG, "not the name of a key");
    leray_config_destroy(&cfg);
}

static void inherits(void **state)
{
    const leray_section two[] = {
        {"data",    keys, NULL  },
        {"tests.a", keys, "data"}
    };
    leray_config *cfg;
    settings s;

    (void)state;
    assert_ok(
        leray_config_parse_text("t", "data: {nu: 2, count: 8}\ntests: {a: {count: 9}}", &cfg));
    assert_ok(leray_config_resolve(cfg, 2, two));
    assert_ok(leray_config_read(cfg, "tests.a", keys, &s));
    assert_true(s.nu == 2 && s.count == 9);
    leray_config_destroy(&cfg);
}

static void required(void **state)
{
    static const leray_key must[] = {
        LERAY_KEY_REAL(settings, nu, "nu", NULL, 0, 1, "1", "how thick")};
    leray_section section = {
        "fluid", {must, 1},
         NULL
    };
    leray_config *cfg;

    (void)state;
    assert_ok(leray_config_parse_text("deck.yaml", "{}", &cfg));
    assert_fails(leray_config_resolve(cfg, 1, &section), LERAY_ERR_CONFIG,
                 "deck.yaml: required key 'fluid.nu' is missing (how thick)");
    leray_config_destroy(&cfg);
    /* It is missing because it is misspelled: that is what to say. */
    assert_ok(leray_config_parse_text("deck.yaml", "fluid: {mu: 1}", &cfg));
    assert_fails(leray_config_resolve(cfg, 1, &section), LERAY_ERR_CONFIG,
                 "deck.yaml:1:9: unknown key 'fluid.mu'; did you mean 'fluid.nu'?");
    leray_config_destroy(&cfg);
}

static void nearest(void **state)
{
    const char *const names[] = {"viscosity", "vorticity", "width"};

    (void)state;
    assert_string_equal(leray_nearest_name("viscosty", 3, names), "viscosity");
    assert_string_equal(leray_nearest_name("wdith", 3, names), "width");
    assert_null(leray_nearest_name("optimizer", 3, names));
}

static void failing_memory(void **state)
{
    leray_config *cfg, *copy = NULL;
    leray_status status = LERAY_ERR_MEMORY;

    (void)state;
    for (long k = 1; status; k++) {
        leray_mem_fail_at(k);
        status = open_deck("solver: {nu: 1, modes: [1, 2], path: x}", "solver.path={a: 1}", &cfg);
        if (!status) status = leray_config_put_ints(cfg, "solver.modes", 2, (int[]){3, 4});
        if (!status) status = leray_config_resolve(cfg, 1, schema);
        if (!status) status = leray_config_copy(cfg, &copy);
        leray_mem_fail_at(0);
        leray_config_destroy(&copy);
        if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
        leray_config_destroy(&cfg);
        assert_int_equal(leray_mem_live(), 0);
    }
}

/* What stands in the wrong place is refused with what to write. */
static void sections_and_values(void **state)
{
    (void)state;
    complain("solver: fno\n", NULL, "deck.yaml:1:1: 'solver' is a section, not a value");
    complain("\nsolver: {forcing: 3}\n", NULL,
             "deck.yaml:2:10: 'solver.forcing' is a section, not a value: write 'forcing: "
             "{amplitude: ..}'");
    complain("{}", "solver.forcing=[1, 2]", "write 'solver.forcing.amplitude=..'");
    complain("solver:\n  nu: {min: 1}\n", NULL,
             "deck.yaml:2:8: 'solver.nu' is a value, not a section with 'min': write 'nu: 1e-3'");
    complain("{}", "solver.nu.min=3", "'solver.nu' is a value, not a section with 'min'");
    complain("solver: {nu: {}}\n", NULL, "nu has no value");
}

static void one_document(void **state)
{
    static const char *const good[] = {"---\nsolver: {count: 8}\n",
                                       "# a deck\n\n---\nsolver: {count: 8}\n...\n# end\n",
                                       "%YAML 1.2\n---\nsolver: {count: 8}\n",
                                       "solver: {count: 8, path: '---'}\n",
                                       "solver:\n  count: 8\n  path: |\n    a\n    ---\n    ...\n",
                                       "solver: {count: 8}\n...\n...\n"};
    settings s;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        read_deck(good[i], NULL, &s);
        assert_int_equal(s.count, 8);
    }
    complain("solver: {count: 8}\n---\nsolver: {count: 9}\n", NULL,
             "deck.yaml:2:1: a second document");
    complain("---\nsolver: {count: 8}\n--- # more\n", NULL, "deck.yaml:3:1: a second document");
    complain("---\n---\n", NULL, "deck.yaml:2:1: a second document");
    complain("solver: {count: 8}\n...\nsolver: {count: 9}\n", NULL,
             "deck.yaml:3:1: a second document");
    complain("solver: {count: 8}\n...\n---\n", NULL, "deck.yaml:3:1: a second document");
}

/* Two texts of decks say the same where their numbers have the same values. */
static void decks_are_compared_by_value(void **state)
{
    static const struct {
        const char *then, *now;
        bool same;
    } c[] = {
        {"a: 6e+01\nb: [1, 2.50]\n", "a: 60\nb: [1, 2.5]\n", true },
        {"a: 60\n",                  "a: 61\n",              false},
        {"a: 60\n",                  "a: 60\nb: 1\n",        false},
        {"a: 60\nb: 1\n",            "a: 60\n",              false},
        {"a: -1e-3\n",               "a: -0.001\n",          true },
        {"a: -1e-3\n",               "a: 0.001\n",           false},
        {"a: run1e1\n",              "a: run10\n",           false},
        {"a: x/1.0\n",               "a: x/1\n",             false},
        {"a: [1, 2]\n",              "a: [1, 2, 3]\n",       false},
        {"a: true\n",                "a: false\n",           false},
        {"",                         "",                     true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        const char *then = c[i].then, *now = c[i].now;
        int a, b;

        if (leray_config_differ(&then, &now, &a, &b) == c[i].same)
            fail_msg("'%s' and '%s'", c[i].then, c[i].now);
    }
    {
        const char *then = "a: 1\nb: 2\nc: 3\n", *now = "a: 1\nb: 25\nc: 3\n";
        int a, b;

        assert_true(leray_config_differ(&then, &now, &a, &b));
        assert_true(a == 4 && b == 5 && strncmp(then, "b: 2\n", 5) == 0);
    }
}

static void numbers_are_shown_as_people_write_them(void **state)
{
    static const char *const text[] = {"60",   "100",    "123456", "0.1",   "0.0001", "1e-05",
                                       "-250", "999999", "1e+06",  "1e+20", "2.5",    "0"};
    static const leray_key row = {"x",  LERAY_KIND_REAL, 0, "0", -1e300, 1e300, "1", "h", NULL,
                                  false};

    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        char yaml[64], line[64], *shown;
        leray_config *cfg;

        snprintf(yaml, sizeof yaml, "x: %s", text[i]);
        snprintf(line, sizeof line, "s:\n  x: %s\n", text[i]);
        assert_ok(leray_config_from_section("s", yaml, (leray_keys){&row, 1}, &cfg));
        assert_ok(leray_config_text(cfg, 0, &shown));
        assert_string_equal(shown, line);
        leray_mem_free(shown);
        leray_config_destroy(&cfg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(defaults_and_overrides),
        cmocka_unit_test(complaints),
        cmocka_unit_test(resolved_text),
        cmocka_unit_test(inherits),
        cmocka_unit_test(required),
        cmocka_unit_test(any_text_can_be_set),
        cmocka_unit_test(any_text_can_override),
        cmocka_unit_test(odd_sections_read_back),
        cmocka_unit_test(longest_text),
        cmocka_unit_test(typed_values),
        cmocka_unit_test(nearest),
        cmocka_unit_test(failing_memory),
        cmocka_unit_test(sections_and_values),
        cmocka_unit_test(one_document),
        cmocka_unit_test(decks_are_compared_by_value),
        cmocka_unit_test(numbers_are_shown_as_people_write_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
