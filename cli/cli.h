/* cli/cli.h - the command's own contract: options, subcommands, how a failure ends. */
#ifndef LERAY_CLI_CLI_H
#define LERAY_CLI_CLI_H

#include <leray/leray.h>

/* What the command line said. Texts are argv's. */
typedef struct options {
    int n_words; /* beside the subcommand, flags and overrides */
    const char **word;
    int n_overrides; /* key.path=value */
    const char **override;
    int n_plugins;
    const char **plugin;
    const char *folder, *data;
    int json, dry_run, fresh, verbosity;
} options;

/* What a subcommand takes beside its arguments; the rest is an error, never ignored. */
enum {
    TAKES_OVERRIDES = 1,
    TAKES_FOLDER = 2,
    TAKES_FRESH = 4,
    TAKES_DRY_RUN = 8,
    TAKES_JSON = 16,
    TAKES_DATA = 32
};

typedef struct command {
    const char *name, *summary;
    const char *help; /* begins with examples */
    int words_min, words_max;
    unsigned takes;
    leray_status (*run)(const options *o);
} command;

extern const command command_solve, command_gen, command_train, command_online, command_eval,
    command_refine, command_forecast, command_plot, command_info, command_list, command_config;

/* Prints the report: its JSON with --json, else its text; frees it. */
void print_report(const options *o, leray_report *report);

/* Opens the deck in word[0] with the overrides, runs `call` on it and prints its report. SIGTERM,
   SIGUSR1 and SIGINT make a run checkpoint and end; a second SIGINT kills. */
leray_status run_deck(const options *o,
                      leray_status (*call)(const leray_config *, const leray_run_options *,
                                           leray_report *));

/* Calls `call` on the model in word[0] and --data, and prints its report. */
typedef leray_status model_call(const char *model, const char *data, int n,
                                const char *const *overrides, const leray_run_options *settings,
                                leray_report *report);
leray_status run_model(const options *o, model_call *call);

#endif
