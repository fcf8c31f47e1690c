/* commands/plot/picture.h - pictures by gnuplot: a script and its data are written beside the PNG, so that
   a picture can be changed and drawn again with `gnuplot NAME.gp`. Private.

   Titles, labels and names may be any text (commands/plot/gnuplot.h). A picture is of bounded size whatever
   is drawn: panels become smaller where there are very many. Where gnuplot is missing, script and data are left and a warning says what to install. */
#ifndef LERAY_COMMANDS_PLOT_PICTURE_H
#define LERAY_COMMANDS_PLOT_PICTURE_H

#include "core/error.h"
#include "leray/grid.h"

#include <stdbool.h>

/* ---- fields as colours ---- */

typedef struct leray_picture_field {
    char title[128];
    const float *values; /* [ny, nx], row 0 at the bottom */
    int group;           /* fields of one group share a colour range, symmetric about 0 */
    double largest;      /* the end of that range; 0: the largest value */
} leray_picture_field;

/* The plane that the fields of a picture lie in, slower axis first. */
typedef struct leray_picture_plane {
    int n[2];
    double first[2], spacing[2]; /* point j lies at first + j spacing */
    double length[2];
    char label[2][64];
} leray_picture_plane;

/* The plane of the last two axes of a grid. Points that are not evenly spaced are drawn by their index, and the
   label says so. */
leray_picture_plane leray_picture_plane_of(const leray_grid *grid);

/* rows x columns panels, row by row from the top, in the proportions of the lengths up to 4 to 1, with axes
   in lengths. Makes folder/name.png, .gp, .f32. */
LERAY_NODISCARD leray_status leray_picture_fields(const char *folder, const char *name, int rows,
                                                  int columns, const leray_picture_plane *plane,
                                                  const leray_picture_field *fields);

/* ---- curves ---- */

typedef struct leray_picture_line {
    const char *title;
    int n;
    const double *x, *y; /* [n]; points that are not finite are left out */
    bool points;         /* drawn as points, not joined */
} leray_picture_line;

typedef struct leray_picture_panel {
    const char *title, *x_label, *y_label;
    bool log_x, log_y;
    int n_lines;
    const leray_picture_line *line; /* [n_lines], the caller's */
} leray_picture_panel;

/* Panels side by side, four in a row, each with its key below it. Makes folder/name.png, .gp, .dat. */
LERAY_NODISCARD leray_status leray_picture_curves(const char *folder, const char *name, int n,
                                                  const leray_picture_panel *panels);

/* Fields of one dimension as curves along axis 1 of `plane`: panels x lines, panel by panel, labelled by their
   titles. */
LERAY_NODISCARD leray_status leray_picture_profiles(const char *folder, const char *name,
                                                    int panels, int lines,
                                                    const leray_picture_plane *plane,
                                                    const leray_picture_field *fields);

/* Of a run whose results are written: a picture that fails is a warning. */
void leray_picture_try(leray_status status);

#endif
