/* leray/run.h - whole experiments from a deck: what the command `leray` does.

   Every call returns a JSON text (metrics, counts, provenance) and a report for people; release
   both with leray_text_free. Messages and progress go to stderr, nothing to stdout. */
#ifndef LERAY_RUN_H
#define LERAY_RUN_H

#include <leray/config.h>
#include <leray/status.h>
#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_run_options {
    const char *folder;                /* of the output; NULL: runs/<name of the deck> */
    int fresh;                         /* remove what an earlier attempt left in the folder */
    int dry_run;                       /* check everything, report the memory needed, and stop */
    const volatile sig_atomic_t *stop; /* set by the caller's signal handler; may be NULL */
    const void *mpi_comm; /* points to an MPI_Comm: the ranks that all make this call; it is copied.
                             NULL: all ranks of the launcher if leray_start started MPI, else this
                             rank alone */
} leray_run_options;

typedef struct leray_report {
    char *json, *text;
} leray_report;

LERAY_API void leray_report_free(leray_report *report);

/* Set up the process, with MPI if a launcher (mpirun, srun) started it. Call start once, before all else,
   and finish at the end. In a program that has started MPI itself (MPI_Init_thread, MPI_THREAD_SERIALIZED
   or more) they do not change MPI; call finish before MPI_Finalize.
   Errors: CONFIG if the launcher belongs to another MPI library. */
LERAY_API LERAY_NODISCARD leray_status leray_start(int argc, const char *const *argv);
LERAY_API void leray_finish(void);

/* 0 errors and warnings only, 1 usual, 2 more. */
LERAY_API void leray_set_verbosity(int level);

/* Dry runs of the commands that the deck is for: train if it has data, online if it has a model and no
   data, else solve, and gen if it varies parameters or sets the number of simulations. Data that cannot be
   read are not an error of the deck: the report says what was not checked. */
LERAY_API LERAY_NODISCARD leray_status leray_check(const leray_config *cfg, leray_report *report);

/* One simulation with the deck's own parameters: fields.h5, fields.xdmf, the tables of statistics and
   diagnostics, state.h5, from which the same call continues. On all ranks if the solver can be divided.
   Errors: INTERRUPTED after a state on *stop or the deck's `elapsed`; BUSY. */
LERAY_API LERAY_NODISCARD leray_status leray_run_solve(const leray_config *cfg,
                                                       const leray_run_options *options,
                                                       leray_report *report);
/* The ensemble: ensemble.h5 in The Well's layout, statistics.csv. */
LERAY_API LERAY_NODISCARD leray_status leray_run_generate(const leray_config *cfg,
                                                          const leray_run_options *options,
                                                          leray_report *report);
/* Trains on the file of section "data", or on the ensemble while it runs. Both write
   model.safetensors, metrics.jsonl, result.json and pictures, and continue from checkpoints.
   Errors: INTERRUPTED after a checkpoint on *stop; BUSY if another run owns the folder. */
LERAY_API LERAY_NODISCARD leray_status leray_run_train(const leray_config *cfg,
                                                       const leray_run_options *options,
                                                       leray_report *report);
LERAY_API LERAY_NODISCARD leray_status leray_run_online(const leray_config *cfg,
                                                        const leray_run_options *options,
                                                        leray_report *report);

/* The errors of a model on a dataset: a Well file, or a folder of .npy pairs whose file names are
   overrides "data.inputs=..", "data.outputs=..". */
LERAY_API LERAY_NODISCARD leray_status leray_evaluate(const char *model, const char *data, int n,
                                                      const char *const *overrides,
                                                      leray_report *report);

/* Predicts a window from the first frames of each trajectory of a Well file, and corrects it until it
   satisfies the equation of the solver that made the file: refined.h5, refine.csv, result.json with
   errors before and after, pictures. The model must end in a linear spectral layer over its window.
   Errors: ARG (another model), DATA (uneven or too few frames, no solver known), INTERRUPTED. */
LERAY_API LERAY_NODISCARD leray_status leray_refine(const char *model, const char *data, int n,
                                                    const char *const *overrides,
                                                    const leray_run_options *options,
                                                    leray_report *report);

/* An autoregressive roll-out over each trajectory of a Well file from its first frames: forecast.h5,
   windows.csv, result.json. With the override "certify=x" the error of each window is estimated, and the solver
   computes those whose estimate exceeds x t/T at their end t (handed_back.csv; T: end of the trajectory). */
LERAY_API LERAY_NODISCARD leray_status leray_forecast(const char *model, const char *data, int n,
                                                      const char *const *overrides,
                                                      const leray_run_options *options,
                                                      leray_report *report);

/* Pictures (PNG) of what `path` holds: a run's folder, metrics.jsonl, a table of a run (CSV), or a
   field file, of which the override "frames=all" draws every frame. They are written to `folder` (NULL:
   next to `path`), each with its gnuplot script and data. */
LERAY_API LERAY_NODISCARD leray_status leray_plot(const char *path, const char *folder, int n,
                                                  const char *const *overrides,
                                                  leray_report *report);

/* What is in a file that leray wrote or can read. */
LERAY_API LERAY_NODISCARD leray_status leray_describe(const char *path, leray_report *report);

/* Kinds of components; the components of a kind; the keys of one. NULL for the wider list; the kind
   "all" for every key of every component and section, one row each in JSON. */
LERAY_API LERAY_NODISCARD leray_status leray_list(const char *kind, const char *name,
                                                  leray_report *report);

/* A commented deck to begin with: of an online run, or of training from a file. */
LERAY_API LERAY_NODISCARD leray_status leray_initial_deck(const char *kind, leray_report *report);

#ifdef __cplusplus
}
#endif
#endif
