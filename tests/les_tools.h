/* tests/les_tools.h - sub-grid models without a flow: their names, and a model made of settings. */
#ifndef LERAY_TESTS_LES_TOOLS_H
#define LERAY_TESTS_LES_TOOLS_H

#include "check.h"

#include "solvers/pseudospectral/les/les.h"

#define TWO_PI 6.283185307179586477

static inline int les_type(const char *name)
{
    for (int i = 0; leray_les_names[i]; i++)
        if (!strcmp(leray_les_names[i], name)) return i;
    fail_msg("no model %s", name);
    return 0;
}

/* What a deck that gives the type alone says. */
static inline leray_les_settings les_settings(const char *name)
{
    return (leray_les_settings){.type = les_type(name), .similarity = 1, .slope = 5.0 / 3};
}

static inline leray_les *make_les(const leray_les_settings *settings, const leray_box *box)
{
    leray_les *les;

    assert_ok(leray_les_create(settings, box, &les));
    return les;
}

/* 16^3 points; wavenumbers are whole numbers up to 5. */
static inline leray_box cube(void)
{
    leray_box box;

    assert_ok(leray_box_init(&box, 3, (const int[]){16, 16, 16},
                             (const double[]){TWO_PI, TWO_PI, TWO_PI}, LERAY_TWO_THIRDS,
                             leray_comm_self()));
    return box;
}

#endif
