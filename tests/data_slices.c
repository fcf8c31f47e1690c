/* tests/data_slices.c - planes of vorticity and Q of fields whose derivatives are known. */
#include "check.h"

#include "commands/plot/slices.h"

#define TWO_PI 6.283185307179586477

enum { NZ = 6, NY = 8, NX = 10 };

/* No component depends on its own coordinate, so A_ca A_ac has only the products of cross terms. */
static void check_three(void **state)
{
    const int n[] = {NZ, NY, NX};
    const double length[] = {2, 3, 5};
    leray_grid grid = leray_grid_periodic((int)(sizeof n / sizeof n[0]), n, length);
    double *velocity;
    float vorticity[NY * NX], q[NY * NX];
    int plane = 2;

    (void)state;
    assert_ok(LERAY_ALLOC(&velocity, 3 * NZ * NY * NX));
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++) {
                double z = TWO_PI * k / NZ, y = TWO_PI * j / NY, x = TWO_PI * i / NX;
                int at = (k * NY + j) * NX + i;

                velocity[at] = 0.7 * sin(x) + 0.3 * cos(y);                                 /* w */
                velocity[NZ * NY * NX + at] = 1.1 * sin(z) - 0.2 * cos(2 * x);              /* v */
                velocity[2 * NZ * NY * NX + at] = 0.9 * sin(2 * y) + 0.4 * sin(z) * cos(y); /* u */
            }
    assert_ok(leray_velocity_slices(&grid, velocity, plane, vorticity, q));
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double z = TWO_PI * plane / NZ, y = TWO_PI * j / NY, x = TWO_PI * i / NX;
            double kz = TWO_PI / 2, ky = TWO_PI / 3, kx = TWO_PI / 5;
            double w_x = 0.7 * kx * cos(x), w_y = -0.3 * ky * sin(y);
            double v_z = 1.1 * kz * cos(z), v_x = 0.4 * kx * sin(2 * x);
            double u_y = 1.8 * ky * cos(2 * y) - 0.4 * ky * sin(z) * sin(y);
            double u_z = 0.4 * kz * cos(z) * cos(y);
            double curl[] = {w_y - v_z, u_z - w_x, v_x - u_y};

            assert_close(vorticity[j * NX + i],
                         sqrt(curl[0] * curl[0] + curl[1] * curl[1] + curl[2] * curl[2]), 1e-5);
            assert_close(q[j * NX + i], -(u_y * v_x + u_z * w_x + v_z * w_y), 1e-5);
        }
    leray_mem_free(velocity);
}

/* A Taylor-Green vortex in two dimensions: w = 2 cos x cos y, Q = cos^2 x cos^2 y - sin^2 x sin^2 y. */
static void check_two(void **state)
{
    const int n[] = {NY, NX};
    const double length[] = {TWO_PI, TWO_PI};
    leray_grid grid = leray_grid_periodic((int)(sizeof n / sizeof n[0]), n, length);
    double velocity[2 * NY * NX];
    float vorticity[NY * NX], q[NY * NX];

    (void)state;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double y = TWO_PI * j / NY, x = TWO_PI * i / NX;

            velocity[j * NX + i] = sin(x) * cos(y);            /* v */
            velocity[NY * NX + j * NX + i] = -cos(x) * sin(y); /* u */
        }
    assert_ok(leray_velocity_slices(&grid, velocity, 0, vorticity, q));
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double y = TWO_PI * j / NY, x = TWO_PI * i / NX;
            double u_x = sin(x) * sin(y), u_y = -cos(x) * cos(y);

            assert_close(vorticity[j * NX + i], 2 * cos(x) * cos(y), 1e-6);
            assert_close(q[j * NX + i], -(u_x * u_x + u_y * -u_y), 1e-6);
        }
}

static void check_arguments(void **state)
{
    const int n[] = {NZ, NY, NX};
    const double length[] = {1, 1, 1};
    leray_grid grid = leray_grid_periodic(3, n, length), line = leray_grid_periodic(1, n, length);
    leray_grid walls = grid;
    float x[1];

    (void)state;
    assert_fails(leray_velocity_slices(&line, length, 0, x, x), LERAY_ERR_ARG, "2, 3");
    walls.axis[1].boundary[0] = walls.axis[1].boundary[1] = LERAY_WALL;
    assert_fails(leray_velocity_slices(&walls, length, 0, x, x), LERAY_ERR_UNSUPPORTED,
                 "the boundary along y is wall");
    assert_fails(leray_velocity_slices(&grid, length, NZ, x, x), LERAY_ERR_ARG, "plane 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(check_three), cmocka_unit_test(check_two),
                                       cmocka_unit_test(check_arguments)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
