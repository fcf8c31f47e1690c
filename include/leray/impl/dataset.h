/* leray/impl/dataset.h - what a reader of data files implements: it opens files as trajectories, and says which
   supervised samples x -> y are made of them.

   To add one: write data/datasets/<name>.c exporting one leray_dataset_type called
   leray_dataset_<name>, and add one line to data/datasets.def; or put it into a plugin
   (leray/impl/plugin.h). A deck names it in section data, or below tests:

       data:
         type: npy-pairs
         path: darcy16
         inputs: train16_a.npy
         outputs: train16_u.npy

   The key `type` is read by the library; the other keys are in the table of the type. */
#ifndef LERAY_IMPL_DATASET_H
#define LERAY_IMPL_DATASET_H

#include <leray/impl/config.h>
#include <leray/impl/trajectories.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum leray_starts { LERAY_STARTS_ALL, LERAY_STARTS_FIRST } leray_starts;

typedef struct leray_window_settings {
    /* Lists "a, b" of channels, or of fields, all of whose components are meant. */
    char inputs[LERAY_TEXT_MAX], outputs[LERAY_TEXT_MAX], forcings[LERAY_TEXT_MAX],
        mask[LERAY_TEXT_MAX], parameters[LERAY_TEXT_MAX];
    int64_t history, every, lead, window, window_every, first, count;
    int starts; /* leray_starts */
    /* Channels by their exact names, as views; where not empty, the list of that kind is not heeded. */
    leray_channels named_inputs, named_outputs, named_forcings;
} leray_window_settings;

/* Rows of a reader's table for them; S is its settings, `w` its member of this type. */
#define LERAY_WINDOW_KEYS(S, w)                                                                   \
    LERAY_KEY_TEXT(S, w.inputs, "inputs", "''", "input fields, as 'a, b'; empty: all"),           \
        LERAY_KEY_TEXT(S, w.outputs, "outputs", "''",                                             \
                       "predicted fields, as 'a, b'; empty: the inputs that depend on time"),     \
        LERAY_KEY_TEXT(S, w.forcings, "forcings", "''",                                           \
                       "fields known in advance, as 'a, b': inputs at the times of the input "    \
                       "frames and of the predicted frames"),                                     \
        LERAY_KEY_TEXT(S, w.mask, "mask", "''",                                                   \
                       "a field that is 0 at points where the others have no values; losses, "    \
                       "metrics and normalisers leave these points out"),                         \
        LERAY_KEY_TEXT(S, w.parameters, "parameters", "''",                                       \
                       "scalars given to the model, as 'a, b'; empty: those that vary; or none"), \
        LERAY_KEY_INT(S, w.history, "history", "1", 1, 64, "1", "input frames of a sample"),      \
        LERAY_KEY_INT(S, w.every, "every", "1", 1, 1e6, "1", "use every n-th stored frame"),      \
        LERAY_KEY_INT(                                                                            \
            S, w.lead, "lead", "1", 0, 1e6, "1",                                                  \
            "frames from the newest input frame to the first predicted one; 0: the same time"),   \
        LERAY_KEY_INT(S, w.window, "window", "1", 1, 4096, "1", "predicted frames of a sample"),  \
        LERAY_KEY_INT(S, w.window_every, "window_every", "0", 0, 1e6, "1",                        \
                      "stored frames from one predicted frame to the next; 0: as every"),         \
        LERAY_KEY_CHOICE(S, w.starts, "starts", "all", leray_starts_names,                        \
                         "samples of a trajectory: all, or only the first"),                      \
        LERAY_KEY_INT(S, w.first, "first", "0", 0, 1e9, "1",                                      \
                      "number of the first trajectory that is used"),                             \
        LERAY_KEY_INT(S, w.count, "count", "0", 0, 1e9, "1",                                      \
                      "trajectories used; 0: all from first on")
LERAY_API extern const char *const leray_starts_names[];

typedef struct leray_dataset_type {
    const char *name;     /* in decks: "npy-pairs" */
    const char *summary;  /* one line for `leray list datasets` */
    leray_keys keys;      /* of its section, those of samples (leray_window_keys) included */
    size_t settings_size; /* sizeof the struct that the keys fill */

    /* REQUIRED. The trajectories that the settings name. On failure *out is NULL. `cfg` and `section` are
       for errors and for files. Errors: CONFIG, DATA, IO, MEMORY. */
    leray_status (*open)(const void *settings, const leray_config *cfg, const char *section,
                         leray_trajectories **out);
    /* REQUIRED. Which samples are made of them: fields that `out` has from settings; its lists are views. */
    void (*windows)(const void *settings, const leray_trajectories *trajectories,
                    leray_window_settings *out);
} leray_dataset_type;

#ifdef __cplusplus
}
#endif
#endif
