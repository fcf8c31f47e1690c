/* examples/decay.c - runs a solver: the energy of decaying Taylor-Green vortices.

   With u = U cos(kx) sin(ky), v = -U sin(kx) cos(ky), k = 2 pi / L, the nonlinear term is a
   gradient, so the energy per area is exactly

       E(t) = U^2 / 4 exp(-4 nu k^2 t). */
#include <leray/leray.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char deck[] = "solver:\n"
                           "  type: ns2d\n"
                           "  n: 64\n"
                           "  nu: 1e-3\n"
                           "  dt: 0.01\n"
                           "  initial: {type: taylor-green, amplitude: 1}\n";

static double energy(leray_solver *solver)
{
    const leray_statistic *statistic;
    int n = leray_solver_statistics(solver, &statistic);

    for (int i = 0; i < n; i++)
        if (strcmp(statistic[i].name, "energy") == 0) return statistic[i].value;
    return NAN;
}

static leray_status run(leray_solver *solver)
{
    const double k = 6.283185307179586477, nu = 1e-3;
    leray_status status = leray_solver_start(solver, 0, 0);

    for (int i = 0; i <= 5 && !status; i++) {
        double t = 2.0 * i, exact = 0.25 * exp(-4 * nu * k * k * t);

        status = leray_solver_advance(solver, t);
        if (!status)
            printf("t = %4.1f   energy = %.12f   exact = %.12f\n", t, energy(solver), exact);
    }
    return status;
}

int main(int argc, char **argv)
{
    leray_config *cfg = NULL;
    leray_solver *solver = NULL;
    leray_status status = leray_start(argc, (const char *const *)argv);

    if (!status) status = leray_config_open_text("decay.c", deck, 0, NULL, &cfg);
    if (!status) status = leray_solver_create("ns2d", cfg, &solver);
    if (!status) status = run(solver);
    if (status) fprintf(stderr, "%s: %s\n", leray_status_text(status), leray_error_message());
    leray_solver_destroy(&solver);
    leray_config_destroy(&cfg);
    leray_finish();
    return leray_status_exit_code(status);
}
