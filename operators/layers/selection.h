/* operators/layers/selection.h - which modes a model of reduced order keeps, from the targets of its
   training. Private.

   The error that no such model gets below is that of truncation: with t^ the coefficients of what
   the model is to give (operators/model.h, leray_targets) and y the truth,

     e_s(modes) = |t^ outside of the block|_2 / |y|_2        for sample s

   For a tolerance the block is grown from one mode per axis, always along the axis that gains most
   energy per mode, until the root mean square of e_s is no larger, and then trimmed: no axis can
   lose a mode. The mean of e_s, which is printed, is at most the root mean square. */
#ifndef LERAY_OPERATORS_SELECTION_H
#define LERAY_OPERATORS_SELECTION_H

#include "operators/layers/basis.h"

typedef struct leray_selection {
    const char *model; /* for texts */
    leray_basis_kind kind;
    double tolerance;      /* 0: modes are taken as they are */
    int multiple;          /* chosen modes are rounded up to multiples of it */
    int modes[LERAY_AXES]; /* in and out */
} leray_selection;

/* For leray_model_type.fit_settings: chooses the modes, prints the irreducible error, and puts key
   `modes` of the section into the deck if it has chosen (a NULL deck: nothing). Errors: CONFIG (a tolerance without targets), ARG, MEMORY, those of
   targets. */
LERAY_NODISCARD leray_status leray_selection_fit_settings(leray_selection *selection,
                                                          const leray_problem *problem,
                                                          const leray_targets *targets,
                                                          leray_config *deck, const char *section);

#endif
