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

const volatile sig_atomic_t *catch_signals(void)
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

leray_run_options run_options(const options *o)
{
    return (leray_run_options){
        .folder = o->folder, .fresh = o->fresh, .dry_run = o->dry_run, .stop = catch_signals()};
}

leray_status open_deck(const options *o, leray_config **out)
{
    return leray_config_open(o->word[0], o->n_overrides, o->override, out);
}

void print_report(const options *o, leray_report *report)
{
    const char *text = o->json ? report->json : report->text;

    if (text) fputs(text, stdout);
    if (text && *text && text[strlen(text) - 1] != '\n') fputc('\n', stdout);
    leray_report_free(report);
}
