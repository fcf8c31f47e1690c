/* tests/api_config.c - keys of an opened deck are set by calls: checked at once, and as before on failure. */
#include "check.h"

#include "api/experiment.h"
#include "core/config.h"
#include <leray/leray.h>

static const char deck[] = "data: {type: well, path: \"\"}\n"
                           "model: {type: fno, modes: 5}\n";

static void is_line(const leray_config *cfg, const char *line)
{
    char *text;

    assert_ok(leray_config_text(cfg, 0, &text));
    if (!strstr(text, line)) fail_msg("no '%s' in\n%s", line, text);
    leray_text_free(text);
}

static void values_are_set(void **state)
{
    const char *overrides[] = {"data.path=from: the #command line", "train.batch=3"};
    leray_config *cfg;

    (void)state;
    assert_ok(leray_config_open_text("t", deck, 2, overrides, &cfg));
    is_line(cfg, "path: \"from: the #command line\"\n");
    assert_ok(leray_config_set_text(cfg, "data.path", "it's \"a\": #path = {x}"));
    assert_ok(leray_config_set_int(cfg, "train.batch", 7));
    assert_ok(leray_config_set_real(cfg, "optimizer.lr", 0.125));
    assert_ok(leray_config_set_bool(cfg, "model.grid", 0));
    assert_ok(leray_config_set_ints(cfg, "model.modes", 2, (int[]){3, 4}));
    is_line(cfg, "path: \"it's \\\"a\\\": #path = {x}\"\n");
    is_line(cfg, "batch: 7\n");
    is_line(cfg, "lr: 0.125\n");
    is_line(cfg, "grid: false\n");
    is_line(cfg, "modes: [3, 4]\n");
    leray_config_destroy(&cfg);
    assert_int_equal(leray_mem_live(), 0);
}

static void refusals_change_nothing(void **state)
{
    leray_config *cfg;
    char *before, *after;

    (void)state;
    assert_ok(leray_config_open_text("t", deck, 0, NULL, &cfg));
    assert_ok(leray_config_text(cfg, 1, &before));
    assert_fails(leray_config_set_int(cfg, "train.batch", 0), LERAY_ERR_CONFIG, "out of range");
    assert_fails(leray_config_set_text(cfg, "data.psth", "x"), LERAY_ERR_CONFIG,
                 "program: unknown key 'data.psth'; did you mean 'data.path'?");
    assert_fails(leray_config_set_text(cfg, "model.type", "fn"), LERAY_ERR_NOT_FOUND, "fno");
    assert_fails(leray_config_set_text(cfg, "data.path", "\xff"), LERAY_ERR_CONFIG, "UTF-8");
    assert_ok(leray_config_text(cfg, 1, &after));
    assert_string_equal(before, after);
    leray_text_free(after);
    leray_text_free(before);
    assert_ok(leray_config_set_real(cfg, "optimizer.lr", 0.5)); /* what was refused is forgotten */
    is_line(cfg, "batch: 16\n");
    leray_config_destroy(&cfg);
    assert_int_equal(leray_mem_live(), 0);
}

static void failing_memory(void **state)
{
    leray_config *cfg;
    leray_status status = LERAY_ERR_MEMORY;

    (void)state;
    assert_ok(leray_config_open_text("t", deck, 0, NULL, &cfg));
    for (long k = 1; status; k++) {
        leray_mem_fail_at(k);
        status = leray_config_set_text(cfg, "data.path", "x");
        leray_mem_fail_at(0);
        if (!status) break;
        assert_int_equal(status, LERAY_ERR_MEMORY);
        is_line(cfg, "path: \"\"\n");
    }
    is_line(cfg, "path: x\n");
    leray_config_destroy(&cfg);
    assert_int_equal(leray_mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_set),
        cmocka_unit_test(refusals_change_nothing),
        cmocka_unit_test(failing_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
