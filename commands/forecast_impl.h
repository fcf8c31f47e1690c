/* commands/forecast_impl.h - what the files of leray_forecast share. Private. */
#ifndef LERAY_COMMANDS_FORECAST_IMPL_H
#define LERAY_COMMANDS_FORECAST_IMPL_H

#include "commands/refinement.h"

enum { /* of windows.csv */
       WINDOW_TRAJECTORY,
       WINDOW_NUMBER,
       WINDOW_TIME,
       WINDOW_ESTIMATE,    /* of the model's frames, at the end of the window */
       WINDOW_ERROR,       /* of them in truth */
       WINDOW_EFFECTIVITY, /* estimate by error */
       WINDOW_HANDED_BACK,
       WINDOW_KEPT_ESTIMATE, /* of the frames that the roll-out went on from */
       WINDOW_KEPT_ERROR,
       WINDOW_SECONDS,
       WINDOW_COLUMNS
};

enum { /* of forecast.csv; the last three groups only with a certificate */
       FORECAST_TRAJECTORY,
       FORECAST_FRAMES,
       FORECAST_END,
       FORECAST_ALL,
       FORECAST_SECONDS, /* relative L2 at the end, over all frames */
       FORECAST_PLAIN_COLUMNS,
       FORECAST_SHARE = FORECAST_PLAIN_COLUMNS,
       FORECAST_ESTIMATE,
       FORECAST_SURROGATE_END,
       FORECAST_SURROGATE_ALL,
       FORECAST_SURROGATE_SECONDS,
       FORECAST_SOLVER_END,
       FORECAST_SOLVER_ALL,
       FORECAST_SOLVER_SECONDS,
       FORECAST_COLUMNS
};

typedef struct forecast_settings {
    int64_t steps, window;
    bool compare;
} forecast_settings;

typedef struct forecast_work {
    leray_refinement r;
    forecast_settings settings;
    double tolerance;        /* 0: no certificate */
    float *frames;           /* [history + window, size] */
    float *given;            /* [history, size], of the file */
    float *truth;            /* one frame */
    float *inherited, *left; /* estimated error of the newest frame given, and of the last one */
    leray_table windows, rows, handed;
    const char **parameter; /* columns of handed */
    leray_well_writer *writer;
} forecast_work;

extern const char *const leray_forecast_window_columns[WINDOW_COLUMNS];
extern const char *const leray_forecast_columns[FORECAST_COLUMNS];

/* windows.csv, forecast.csv, handed_back.csv, result.json and the report. */
LERAY_NODISCARD leray_status leray_forecast_report(forecast_work *w, leray_report *report);

#endif
