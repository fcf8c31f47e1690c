/* cli/main.c - the command `leray`: finds the subcommand, reads the options, ends with the exit
   code of the status. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const command *const commands[] = {
    &command_solve, &command_gen,    &command_train,    &command_online,
    &command_eval,  &command_refine, &command_forecast, &command_plot,
    &command_info,  &command_list,   &command_config,
};
#define N_COMMANDS ((int)(sizeof commands / sizeof commands[0]))

static void print_help(FILE *to)
{
    fputs("leray - solvers that stream their simulations into the training of neural operators\n\n"
          "  leray online configs/demo.yaml                  learn while the solvers run\n"
          "  leray train DECK.yaml data.path=FILE.h5         learn from a file\n"
          "  leray eval MODEL.safetensors --data FILE.h5     measure a model\n\n"
          "usage: leray COMMAND [ARGUMENT ...] [key.path=value ...] [OPTION ...]\n\ncommands:\n",
          to);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\noptions:\n"
          "  -o DIR       folder of the output (else runs/<name of the deck>)\n"
          "  --fresh      (solve, gen, train, online) forget what an earlier attempt left there\n"
          "  --dry-run    check everything that can be checked, and stop\n"
          "  --json       results as JSON on stdout\n"
          "  --plugin FILE  components of your own, from a shared object; in a deck: plugins: "
          "[FILE]\n"
          "  -q, -v       less, more on stderr\n"
          "  -h, --help   of the command, or of `leray COMMAND`\n"
          "  --version    version, build and libraries\n\n"
          "exit codes: 0 done, 1 internal error, 2 usage or deck, 3 input data, 4 numerical "
          "failure,\n"
          "            5 input/output, 6 peer lost, 75 checkpointed on a signal: run it again\n",
          to);
}

static void print_command_help(const command *c)
{
    static const struct {
        unsigned bit;
        const char *text;
    } options_of[] = {
        {TAKES_OVERRIDES, "key.path=value"},
        {TAKES_DATA,      "--data DATA"   },
        {TAKES_FOLDER,    "-o DIR"        },
        {TAKES_FRESH,     "--fresh"       },
        {TAKES_DRY_RUN,   "--dry-run"     },
        {TAKES_JSON,      "--json"        },
    };

    printf("leray %s - %s\n\n%s\ntakes: ", c->name, c->summary, c->help);
    for (size_t i = 0; i < sizeof options_of / sizeof options_of[0]; i++)
        if (c->takes & options_of[i].bit) printf("%s, ", options_of[i].text);
    puts("--plugin FILE, -q, -v\noptions and exit codes: leray --help");
}

static const command *find_command(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

static int usage_error(const char *message, const char *what)
{
    fprintf(stderr, "leray: %s '%s'; see leray --help\n", message, what);
    return 2;
}

/* An option with a value, as "-o DIR" or "--data=FILE"; NULL if `arg` is not it. */
static const char *valued(const char *arg, const char *name, char **next, int *used)
{
    size_t n = strlen(name);

    if (strncmp(arg, name, n) != 0) return NULL;
    if (arg[n] == '=') return arg + n + 1;
    if (arg[n] != '\0' || !*next) return NULL;
    *used = 1;
    return *next;
}

/* One flag; 0 if it is none of ours. */
static int read_flag(options *o, const char *arg, char **next, int *used)
{
    const char *value;

    *used = 0;
    if (strcmp(arg, "--json") == 0) return o->json = 1;
    if (strcmp(arg, "--dry-run") == 0 || strcmp(arg, "-n") == 0) return o->dry_run = 1;
    if (strcmp(arg, "--fresh") == 0) return o->fresh = 1;
    if (strcmp(arg, "-q") == 0) return o->verbosity = 0, 1;
    if (strcmp(arg, "-v") == 0) return o->verbosity = 2, 1;
    if ((value = valued(arg, "-o", next, used))) return o->folder = value, 1;
    if ((value = valued(arg, "--data", next, used))) return o->data = value, 1;
    if ((value = valued(arg, "--plugin", next, used))) return o->plugin[o->n_plugins++] = value, 1;
    return 0;
}

/* Whether what stands before the first '=' can be the path of a key: letters, digits, '_', '-', '.'. */
static int is_assignment(const char *arg)
{
    size_t n = strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    return n > 0 && arg[n] == '=';
}

/* key.path=value; but a file of that very name is a file, while the subcommand still waits for one. */
static int is_override(const options *o, const char *arg, const command *c)
{
    return is_assignment(arg) && !(o->n_words < c->words_max && access(arg, F_OK) == 0);
}

static int read_options(options *o, const command *c, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        int used;

        if (argv[i][0] == '-' && argv[i][1]) {
            if (!read_flag(o, argv[i], &argv[i + 1], &used))
                return usage_error("unknown option, or one without its value:", argv[i]);
            i += used;
        } else if (is_override(o, argv[i], c)) o->override[o->n_overrides++] = argv[i];
        else o->word[o->n_words++] = argv[i];
    }
    return 0;
}

/* NULL, or the first option given that the subcommand does not take. */
static const char *find_stray(const options *o, unsigned takes)
{
    if (o->n_overrides && !(takes & TAKES_OVERRIDES)) return o->override[0];
    if (o->folder && !(takes & TAKES_FOLDER)) return "-o";
    if (o->fresh && !(takes & TAKES_FRESH)) return "--fresh";
    if (o->dry_run && !(takes & TAKES_DRY_RUN)) return "--dry-run";
    if (o->json && !(takes & TAKES_JSON)) return "--json";
    return o->data && !(takes & TAKES_DATA) ? "--data" : NULL;
}

/* The traceback helps a developer; the first line is for everybody. */
static int end(leray_status status, const options *o)
{
    const char *message = leray_error_message();

    if (status == LERAY_OK) return 0;
    if (!*message) return leray_status_exit_code(status); /* the subcommand has said it */
    if (status == LERAY_INTERRUPTED) fprintf(stderr, "leray: ");
    else fprintf(stderr, "leray: error: %s: ", leray_status_text(status));
    if (o->verbosity > 1) fprintf(stderr, "%s\n", message);
    else fprintf(stderr, "%.*s\n", (int)strcspn(message, "\n"), message);
    return leray_status_exit_code(status);
}

static int wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) return 1;
    return 0;
}

static int print_version(void)
{
    leray_report report;

    if (leray_describe(NULL, &report)) return 1;
    fputs(report.text, stdout);
    leray_report_free(&report);
    return 0;
}

/* What did not reach stdout is a failure, whatever came before went well. */
static int close_stdout(int code)
{
    int failed = ferror(stdout), error = 0;

    if (fflush(stdout) != 0) failed = 1, error = errno;
    if (!failed || code) return code;
    __fpurge(stdout); /* PETSc, which flushes all streams, must not fail over it again */
    fprintf(stderr, "leray: error: %s: the results cannot be written to stdout%s%s\n",
            leray_status_text(LERAY_ERR_IO), error ? ": " : "", error ? strerror(error) : "");
    return leray_status_exit_code(LERAY_ERR_IO);
}

static int missing_word(const command *c, const options *o)
{
    const char *taken = NULL;

    for (int i = 0; i < o->n_overrides && !taken; i++)
        if (strchr(o->override[i], '/')) taken = o->override[i];
    if (!taken) return usage_error("an argument is missing after", c->name);
    fprintf(stderr,
            "leray: an argument is missing after '%s'; there is no file '%s', so it is taken as "
            "key.path=value\n",
            c->name, taken);
    return 2;
}

static int run_options(const command *c, const options *o, int argc, char **argv)
{
    const char *stray = find_stray(o, c->takes);
    leray_status status;
    int code;

    if (stray) {
        fprintf(stderr, "leray: leray %s does not take '%s'; see leray --help\n", c->name, stray);
        return 2;
    }
    if (o->n_words < c->words_min) return missing_word(c, o);
    if (o->n_words > c->words_max) return usage_error("unexpected argument", o->word[c->words_max]);
    leray_set_verbosity(o->verbosity);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of write(), with a message */
    status = leray_start(argc, (const char *const *)argv);
    for (int i = 0; i < o->n_plugins && !status; i++) status = leray_plugin_load(o->plugin[i]);
    if (!status) status = c->run(o);
    code = close_stdout(end(status, o));
    leray_finish();
    /* HDF5 1.10 crashes in its exit handler where a file could not be completed. */
    if (status == LERAY_ERR_IO) {
        fflush(stderr);
        _exit(code);
    }
    return code;
}

static int run(const command *c, int argc, char **argv)
{
    const char **text = calloc(3 * (size_t)argc, sizeof *text); /* room for argv in each list */
    options o = {.word = text, .override = text + argc, .plugin = text + 2 * argc, .verbosity = 1};
    int code = 1;

    if (!text) fputs("leray: error: out of memory\n", stderr);
    else code = read_options(&o, c, argc - 2, argv + 2);
    if (text && !code) code = run_options(c, &o, argc, argv);
    free(text);
    return code;
}

/* OpenMP's threads wait by spinning unless the environment says otherwise when its library is
   loaded. Where cores are shared, and here solvers share them with the trainer, that costs many
   times what it saves; so say otherwise, once, and begin again. */
static void wait_politely(char **argv)
{
    if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT")) return;
    if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0) execv("/proc/self/exe", argv);
}

/* Without one of its three streams a program's first files take their place, and what it prints goes into them.
   So something stands there: for stdout, what cannot be written to. */
static void keep_streams_apart(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", fd < 2 ? O_RDONLY : O_WRONLY);
}

static int dispatch(int argc, char **argv)
{
    const command *c;
    int help = wants_help(argc, argv);
    const char *first = argc > 1 ? argv[1] : NULL;

    if (first && strcmp(first, "help") == 0 && argc > 2) first = argv[2], help = 1;
    if (first && strcmp(first, "--version") == 0) return print_version();
    if (!first || first[0] == '-' || strcmp(first, "help") == 0) {
        print_help(help || !first || strcmp(first, "help") == 0 ? stdout : stderr);
        return help || (first && strcmp(first, "help") == 0) ? 0 : 2;
    }
    c = find_command(first);
    if (!c) return usage_error("unknown command", first);
    if (!help) return run(c, argc, argv);
    print_command_help(c);
    return 0;
}

/* What a run computes and prints is said by its deck alone. */
static void forget_petsc_options(void)
{
    unsetenv("PETSC_OPTIONS");
    unsetenv("PETSC_OPTIONS_YAML");
}

int main(int argc, char **argv)
{
    keep_streams_apart();
    forget_petsc_options();
    wait_politely(argv);
    return close_stdout(dispatch(argc, argv));
}
