/* refine/stencil.c - derivatives of the Lagrange polynomials at one of their own points:
   B. Fornberg, Math. Comp. 51 (1988) 699. With points x_i = first + i - at and x_p = 0,

     l_i'(0) = prod_(j != i, p) (-x_j) / prod_(j != i) (x_i - x_j),   l_p'(0) = - sum of the others. */
#include "refine/stencil.h"

void leray_stencil(int n, int at, int order, double h, int *first, double *weight)
{
    double sum = 0;
    int low = at - order / 2, own;

    if (low > n - 1 - order) low = n - 1 - order;
    if (low < 0) low = 0;
    own = at - low;
    for (int i = 0; i <= order; i++) {
        double w = 1.0 / (i - own);

        if (i == own) continue;
        for (int j = 0; j <= order; j++)
            if (j != i && j != own) w *= (double)(own - j) / (i - j);
        weight[i] = w / h;
        sum += weight[i];
    }
    weight[own] = -sum;
    *first = low;
}
