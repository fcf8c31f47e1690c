/* solvers/walls/walls2d.h - the parts of the solver walls2d. Private to solvers/walls/.

   Arrays of velocities have a ghost beyond every end: u [ny + 2, nx + 3] at the faces i = -1 .. nx + 1 of the rows
   j = -1 .. ny, v [ny + 3, nx + 2] at the faces j = -1 .. ny + 1 of the columns i = -1 .. nx; both in rows of `stride`
   numbers, walls2d_at(s, j, i). Cell (j, i) lies between the faces i, i + 1 and j, j + 1. */
#ifndef LERAY_SOLVERS_WALLS_WALLS2D_H
#define LERAY_SOLVERS_WALLS_WALLS2D_H

#include "solvers/solver.h"
#include "solvers/walls/axis.h"
#include "solvers/walls/poisson.h"

typedef enum walls_side_type {
    WALLS_WALL,     /* no slip; may move along itself */
    WALLS_SLIP,     /* nothing through it, no shear */
    WALLS_PERIODIC, /* the opposite side is the same */
    WALLS_INLET,    /* flow normal to it, given */
    WALLS_OUTFLOW   /* what comes is let out */
} walls_side_type;

enum { LEFT, RIGHT, BOTTOM, TOP, SIDES };

typedef struct walls_side_settings {
    int type, profile;
    double velocity;
    struct {
        int type; /* 0: insulated, 1: of a fixed value */
        double value;
    } scalar;
} walls_side_settings;

typedef struct walls2d_settings {
    leray_ints n;
    leray_reals length, stretch;
    double nu, dt, cfl;
    walls_side_settings side[SIDES];
    int initial;
    double initial_velocity[2], noise;
    struct {
        bool pressure, vorticity;
    } frame;
    struct {
        bool on;
        double kappa, buoyancy, initial;
    } scalar;
} walls2d_settings;

typedef struct walls2d {
    leray_solver base;
    int nx, ny;
    size_t stride;
    walls_axis x, y;
    leray_grid grid;
    walls_poisson *poisson;
    double *block;                   /* of all that follows */
    double *u, *v, *u_next, *v_next; /* velocities, and those of the next stage */
    double *u_rate, *v_rate;         /* N of the stage before */
    double *t, *t_next, *t_rate;     /* the scalar, at walls2d_at; NULL where there is none */
    double *p;                       /* [ny, nx] */
    double *frame_values;            /* [5, ny, nx] */
    double *fastest_row;             /* [ny] largest |u| / dx + |v| / dy of a row */
    double *profile[SIDES];          /* normal velocity of an inlet at the cells of the side */
    double cfl, fastest;
    bool fastest_known;
    leray_frame_field field[5];
    leray_statistic statistic[16];
} walls2d;

static inline size_t walls2d_at(const walls2d *s, int j, int i)
{
    return (size_t)(j + 1) * s->stride + (size_t)(i + 1);
}

static inline const walls2d_settings *walls2d_settings_of(const walls2d *s)
{
    return s->base.settings;
}

static inline bool walls2d_is(const walls2d *s, int side, walls_side_type type)
{
    return walls2d_settings_of(s)->side[side].type == (int)type;
}

/* Faces that the equation of u, or v, holds for: first .. end - 1. */
static inline int walls2d_first_u(const walls2d *s) { return s->x.periodic ? 0 : 1; }
static inline int walls2d_first_v(const walls2d *s) { return s->y.periodic ? 0 : 1; }

/* ---- sides.c ---- */

/* Types that fit together, profiles. Errors: CONFIG, MEMORY. */
LERAY_NODISCARD leray_status walls2d_open_sides(walls2d *s, const leray_config *cfg,
                                                const char *section);
/* That velocities which have been set since belong to walls and inlets, and lead into the box. Errors: CONFIG. */
LERAY_NODISCARD leray_status walls2d_check_velocities(const walls2d *s);
/* Normal velocities of inlets, walls and slip sides, and all ghosts. */
void walls2d_apply_sides(const walls2d *s, double *u, double *v);
/* A stage of the normal velocities of outflow sides, as walls2d_advance of all others. */
void walls2d_advance_outflow(walls2d *s, double dt, double gamma, double zeta);
/* Makes what flows out what flows in. */
void walls2d_balance(const walls2d *s, double *u, double *v);

/* ---- momentum.c ---- */

/* N(u) = -div(u u) + nu lap u at all faces that the equation holds for: next = now + dt (gamma N + zeta rate), rate = N. */
void walls2d_advance(walls2d *s, double dt, double gamma, double zeta);
/* p = div(u, v) of the velocities given, [ny, nx]. */
void walls2d_divergence(const walls2d *s, const double *u, const double *v, double *p);
/* u -= grad p, v -= grad p at the same faces. */
void walls2d_project(const walls2d *s, const double *p, double *u, double *v);
/* Largest |u| / dx + |v| / dy. */
double walls2d_fastest(walls2d *s);

/* ---- scalar.c ---- */

void walls2d_apply_scalar(const walls2d *s, double *t); /* all ghosts */
/* A stage of the scalar, and what it adds to that of v: after walls2d_advance. */
void walls2d_advance_scalar(walls2d *s, double dt, double gamma, double zeta);
double walls2d_lift_power(const walls2d *s); /* <buoyancy T v> */
double walls2d_scalar_mean(const walls2d *s);
/* kappa dT/dn into the box, the mean over a side. */
double walls2d_conduction(const walls2d *s, int side);

/* ---- budget.c ---- */

typedef struct walls2d_budget {
    double energy;      /* per area: <(u^2 + v^2) / 2> with every velocity's own volume */
    double dissipation; /* nu <|grad u|^2> */
    double work;        /* of moving walls; what inlets and outflows carry is not in it */
    double divergence;  /* largest |div u| */
} walls2d_budget;

walls2d_budget walls2d_measure(const walls2d *s);
/* <u rate + v rate>: of the rates that walls2d_advance has left. */
double walls2d_power(const walls2d *s);
/* dv/dx - du/dy in a cell: the mean of its corners. */
double walls2d_vorticity(const walls2d *s, int j, int i);

#endif
