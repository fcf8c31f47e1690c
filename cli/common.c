/* cli/common.c - what several subcommands share. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static const volatile sig_atomic_t *catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    return &stop;
}

void print_report(const options *o, leray_report *report)
{
    const char *text = o->json ? report->json : report->text;

    if (text) fputs(text, stdout);
    if (text && *text && text[strlen(text) - 1] != '\n') fputc('\n', stdout);
    leray_report_free(report);
}

leray_status run_deck(const options *o,
                      leray_status (*call)(const leray_config *, const leray_run_options *,
                                           leray_report *))
{
    leray_run_options settings = {
        .folder = o->folder, .fresh = o->fresh, .dry_run = o->dry_run, .stop = catch_signals()};
    leray_report report;
    leray_config *cfg;
    leray_status status = leray_config_open(o->word[0], o->n_overrides, o->override, &cfg);

    if (status) return status;
    status = call(cfg, &settings, &report);
    leray_config_destroy(&cfg);
    if (!status) print_report(o, &report);
    return status;
}

leray_status run_model(const options *o, model_call *call)
{
    leray_run_options settings = {
        .folder = o->folder, .dry_run = o->dry_run, .stop = catch_signals()};
    leray_report report;
    leray_status status =
        call(o->word[0], o->data, o->n_overrides, o->override, &settings, &report);

    if (!status) print_report(o, &report);
    return status;
}
