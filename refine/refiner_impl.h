/* refine/refiner_impl.h - what the files of leray_refiner share. Private to refine/. */
#ifndef LERAY_REFINE_REFINER_IMPL_H
#define LERAY_REFINE_REFINER_IMPL_H

#include "core/fft.h"
#include "refine/residual.h"

#define LERAY_REFINE_BANDS 16

/* Frames are kept in the modes of the widest band, and worked on in narrower ones, which are made when
   first asked for. */
struct leray_refiner {
    leray_vorticity_equation equation;
    leray_refine_settings settings;
    leray_refine_shape shape;
    int n_bands;
    leray_residual *band[LERAY_REFINE_BANDS]; /* by index; NULL: not made */
    int limit[LERAY_REFINE_BANDS];            /* wavenumber of the longer side */
    int widest[2];                            /* top of the widest */
    leray_fft *fft;                           /* of the given grid */
    double *field;
    double complex *spectrum;
    double complex *loaded, *now; /* [history + frames, modes] of the widest band */
    size_t modes;                 /* of it */
    float *values;                /* [frames, ny, nx] as loaded */
    double outside; /* sum over the predicted frames of the mean square of what is not in `now` */
    double between; /* the part of it that the solver keeps */
};

/* The narrowest band that is there for this wavenumber, with `now` in it. */
LERAY_NODISCARD leray_status leray_refiner_band(leray_refiner *s, int wavenumber,
                                                leray_residual **out);
/* Its frames back into `now`. */
void leray_refiner_take(leray_refiner *s, const leray_residual *band);

/* Modes [modes] of a field [ny, nx], and its values from modes. */
void leray_refiner_modes(leray_refiner *s, const float *values, const leray_band *band,
                         double complex *modes);
void leray_refiner_field(leray_refiner *s, const leray_band *band, const double complex *modes);

/* Before and after frames are changed level by level: the report's norms and its correction; or else the
   frames as they were loaded. */
LERAY_NODISCARD leray_status leray_refiner_begin(leray_refiner *s, leray_refine_report *report);
LERAY_NODISCARD leray_status leray_refiner_finish(leray_refiner *s, leray_refine_report *report);
void leray_refiner_undo(leray_refiner *s);

/* The wavenumber of level 0 .. levels - 1. */
int leray_refiner_level(const leray_refiner *s, int level);

#endif
