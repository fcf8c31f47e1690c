/* tensor/ops/common.c - see tensor/ops/common.h. */
#include "tensor/ops/common.h"

#include <stdint.h>

#define PIECE 16384 /* elements: a piece stays in the nearest cache */

void *leray_cut(char **p, size_t size)
{
    char *start = *p;

    *p += (size + 63) / 64 * 64;
    return start;
}

void leray_over_pieces(size_t n, void (*body)(void *data, size_t first, size_t count), void *data)
{
    long pieces = (long)((n + PIECE - 1) / PIECE);

#pragma omp parallel for schedule(static) if (pieces > 1)
    for (long piece = 0; piece < pieces; piece++) {
        size_t first = (size_t)piece * PIECE;

        body(data, first, n - first < PIECE ? n - first : PIECE);
    }
}

void leray_add_partials(leray_node *node, int i, int items, const void *partial)
{
    leray_tensor *t = node->in[i];
    bool adds;

    if (!t->grad) return;
    adds = leray_node_adds(node, i);
    for (int item = 0; item < items; item++)
        node->kernels->scale(t->count, 1, leray_at(t->dtype, partial, (size_t)item * t->count),
                             t->grad, adds || item > 0);
}
