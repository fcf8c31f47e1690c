/* tests/api_plugin.c - a program registers components of its own: all of a table or none, names and types checked;
   then decks name them. */
#include "check.h"

#include "api/registry.h"
#include "plugin/parts.c"
#include <leray/leray.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_there(int kind, const char *name)
{
    const leray_registry_entry *entry;

    return leray_registry_find(leray_registry_of(kind), name, "", &entry) == LERAY_OK;
}

static int how_many(void)
{
    return is_there(LERAY_KIND_OF_DATASET, "waves") + is_there(LERAY_KIND_OF_SAMPLER, "middles") +
           is_there(LERAY_KIND_OF_LOSS, "absolute");
}

static leray_status add(const leray_component *component)
{
    leray_plugin plugin = {LERAY_BUILT_FOR, 1, component};

    return leray_plugin_register("the test", &plugin);
}

static void refused_tables_leave_nothing(void **state)
{
    static const leray_component good = {.name = "fine", .loss = &absolute};
    leray_plugin other = {"Leray 0.0.1, headers x", 1, &good}, none = {LERAY_BUILT_FOR, 0, &good};
    leray_component two[] = {
        {.name = "fine", .loss = &absolute},
        {.name = "fine", .loss = &absolute}
    };
    leray_plugin twice = {LERAY_BUILT_FOR, 2, two};
    const char *bad[] = {
        NULL,  "",   "1a",  "a_b",
        "Abc", "-a", "a b", "a-name-that-is-longer-than-the-sixty-three-bytes-that-are-allowed"};
    leray_loss_type no_summary = {.size = sizeof(leray_loss), .apply = apply};
    leray_loss_type too_small = {.summary = "s", .size = 1, .apply = apply};
    leray_sampler_type named = middles;
    leray_solver_type solver = {.name = "s", .summary = "s", .size = sizeof(leray_solver)};
    leray_model_type model = {.summary = "s", .size = sizeof(leray_model)};
    leray_dataset_type dataset = {.name = "d", .summary = "s"};

    (void)state;
    assert_fails(leray_plugin_register("the test", &other), LERAY_ERR_UNSUPPORTED,
                 "the test was built for Leray 0.0.1");
    assert_fails(leray_plugin_register("the test", &none), LERAY_ERR_ARG, "no component");
    assert_fails(leray_plugin_register("the test", &twice), LERAY_ERR_ARG, "two components");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(add(&(leray_component){.name = bad[i], .loss = &absolute}), LERAY_ERR_ARG,
                     "small letters");
    assert_fails(add(&(leray_component){.name = "x"}), LERAY_ERR_ARG, "0 types");
    assert_fails(add(&(leray_component){.name = "x", .loss = &no_summary}), LERAY_ERR_ARG,
                 "must have summary");
    assert_fails(add(&(leray_component){.name = "x", .loss = &too_small}), LERAY_ERR_ARG,
                 "that of leray_loss");
    assert_fails(add(&(leray_component){.name = "x", .sampler = &named}), LERAY_ERR_ARG,
                 "a type named 'middles'");
    assert_fails(add(&(leray_component){.name = "s", .solver = &solver}), LERAY_ERR_ARG,
                 "init, fini, start, step and frame");
    assert_fails(add(&(leray_component){.name = "m", .model = &model}), LERAY_ERR_ARG,
                 "init, forward and accepts");
    assert_fails(add(&(leray_component){.name = "d", .dataset = &dataset}), LERAY_ERR_ARG,
                 "open and windows");
    assert_fails(add(&(leray_component){.name = "fno", .model = &model}), LERAY_ERR_ARG,
                 "must have");
    assert_fails(add(&(leray_component){.name = "mse", .loss = &absolute}), LERAY_ERR_ARG,
                 "a loss named 'mse' is there already, built in");
    assert_false(is_there(LERAY_KIND_OF_LOSS, "fine"));
    assert_int_equal(leray_mem_live(), 0);
}

/* A solver without all three of its state calls is refused where it would be found out at the first checkpoint. */
static leray_status nothing(leray_solver *self, const leray_config *cfg, const char *section)
{
    (void)self, (void)cfg, (void)section;
    return LERAY_OK;
}
static void end(leray_solver *self) { (void)self; }
static leray_status go(leray_solver *self)
{
    (void)self;
    return LERAY_OK;
}
static leray_status go_on(leray_solver *self, double dt)
{
    (void)self, (void)dt;
    return LERAY_OK;
}
static void show(leray_solver *self, leray_frame *frame) { (void)self, (void)frame; }
static size_t size_of(const leray_solver *self)
{
    (void)self;
    return 0;
}

static void half_a_state_is_refused(void **state)
{
    leray_solver_type half = {.name = "half",
                              .summary = "s",
                              .size = sizeof(leray_solver),
                              .init = nothing,
                              .fini = end,
                              .start = go,
                              .step = go_on,
                              .frame = show,
                              .state_size = size_of};

    (void)state;
    assert_fails(add(&(leray_component){.name = "half", .solver = &half}), LERAY_ERR_ARG,
                 "all or none");
}

static void all_or_none(void **state)
{
    leray_status status = LERAY_ERR_MEMORY;
    leray_config *cfg;
    long failures = 0;

    (void)state;
    assert_fails(leray_config_open_text("t", "data: {type: waves}", 0, NULL, &cfg),
                 LERAY_ERR_NOT_FOUND, "or name the plugin that has it");
    for (long k = 1; status; k++, failures++) {
        assert_int_equal(how_many(), 0);
        assert_int_equal(leray_mem_live(), 0);
        leray_mem_fail_at(k);
        status = leray_plugin_register("this program", &leray_plugin_entry);
        leray_mem_fail_at(0);
        if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
    }
    assert_true(failures > 3);
    assert_int_equal(how_many(), 3);
    assert_ok(leray_plugin_register("this program", &leray_plugin_entry));
    assert_fails(add(&(leray_component){.name = "absolute", .loss = &absolute}), LERAY_ERR_ARG,
                 "is there already, from this program");
}

static const char deck[] = "data: {type: waves, n: 32, count: 12}\n"
                           "model: {type: fno, width: 4, modes: 4, layers: 1, projection: 8}\n"
                           "loss: {type: absolute}\n"
                           "train: {epochs: 1, batch: 4}\n";

static void decks_name_them(void **state)
{
    char folder[] = "/tmp/leray-plugin-XXXXXX", command[64];
    leray_run_options options = {.folder = folder};
    leray_report report;
    leray_config *cfg;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_ok(leray_config_open_text("t", deck, 0, NULL, &cfg));
    assert_ok(leray_run_train(cfg, &options, &report));
    assert_non_null(strstr(report.text, "trained in"));
    leray_report_free(&report);
    leray_config_destroy(&cfg);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    assert_ok(leray_list("losses", NULL, &report));
    assert_non_null(strstr(report.text, "(this program)"));
    leray_report_free(&report);
}

/* Names are looked up while others are added. */
static void *look(void *stop)
{
    while (!*(volatile int *)stop)
        if (!is_there(LERAY_KIND_OF_LOSS, "absolute") || is_there(LERAY_KIND_OF_LOSS, "absent"))
            return stop;
    return NULL;
}

static void lookups_need_no_lock(void **state)
{
    static leray_component many[200];
    static char name[200][24];
    static volatile int stop;
    pthread_t thread;
    void *failed;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, look, (void *)&stop), 0);
    for (int i = 0; i < 200; i++) {
        snprintf(name[i], sizeof name[i], "loss-%d", i);
        many[i] = (leray_component){.name = name[i], .loss = &absolute};
        assert_ok(add(&many[i]));
    }
    stop = 1;
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_true(is_there(LERAY_KIND_OF_LOSS, "loss-199"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_tables_leave_nothing), cmocka_unit_test(half_a_state_is_refused),
        cmocka_unit_test(all_or_none), cmocka_unit_test(decks_name_them),
        cmocka_unit_test(lookups_need_no_lock)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
