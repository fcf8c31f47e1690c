/* cli/config.c - leray config show | validate | init. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static leray_status show(const leray_config *cfg)
{
    char *text;
    leray_status status = leray_config_text(cfg, 1, &text);

    if (status) return status;
    fputs(text, stdout);
    leray_text_free(text);
    return LERAY_OK;
}

static leray_status validate(const options *o, const leray_config *cfg)
{
    leray_report report;
    leray_status status = leray_check(cfg, &report);

    if (status) return status;
    if (!o->json) printf("%s is ", o->word[1]);
    print_report(o, &report);
    return LERAY_OK;
}

static leray_status init(const options *o)
{
    leray_report report;
    leray_status status = leray_initial_deck(o->n_words > 1 ? o->word[1] : "online", &report);

    if (!status) print_report(o, &report);
    return status;
}

static void usage(const char *what)
{
    fprintf(stderr, "leray: config: %s; see leray config --help\n", what);
}

static leray_status run(const options *o)
{
    leray_config *cfg;
    leray_status status;

    if (o->json && strcmp(o->word[0], "validate") != 0) {
        usage("show and init speak YAML: --json goes with validate only");
        return LERAY_ERR_ARG;
    }
    if (strcmp(o->word[0], "init") == 0) return init(o);
    if ((strcmp(o->word[0], "show") != 0 && strcmp(o->word[0], "validate") != 0) ||
        o->n_words < 2) {
        usage("say show DECK, validate DECK or init [online|train]");
        return LERAY_ERR_ARG;
    }
    status = leray_config_open(o->word[1], o->n_overrides, o->override, &cfg);
    if (status) return status;
    status = strcmp(o->word[0], "show") == 0 ? show(cfg) : validate(o, cfg);
    leray_config_destroy(&cfg);
    return status;
}

const command command_config = {
    .name = "config",
    .summary = "show, validate or begin a deck",
    .help = "  leray config show configs/demo.yaml train.batch=8   every key with its value and "
            "where it was set\n"
            "  leray config validate DECK.yaml                     exit code 0, or 2 if the deck "
            "has an error\n"
            "  leray config init online > my.yaml                  a commented deck to begin with\n"
            "\n"
            "validate makes the checks of --dry-run, of each command that the deck is for. If the "
            "deck's data\n"
            "file is missing, it says so and leaves out the checks that need the data.\n"
            "In key.path=VALUE the value is YAML; for a text such as data.path it is VALUE as it "
            "stands, and\n"
            "quotes around it are removed.\n",
    .words_min = 1,
    .words_max = 2,
    .takes = TAKES_OVERRIDES | TAKES_JSON,
    .run = run,
};
