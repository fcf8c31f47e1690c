/* core/nearest.c - "did you mean": the name at the smallest edit distance (insertions,
   deletions, substitutions and swaps of neighbours; Damerau 1964, restricted form). */
#include "core/config.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 128

static int smaller(int a, int b) { return a < b ? a : b; }

static int distance(const char *a, const char *b)
{
    int rows[3][NAME_MAX_BYTES + 1], n = (int)strlen(a), m = (int)strlen(b);

    if (n > NAME_MAX_BYTES || m > NAME_MAX_BYTES) return NAME_MAX_BYTES;
    for (int j = 0; j <= m; j++) rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3], *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];

        now[0] = i;
        for (int j = 1; j <= m; j++) {
            now[j] =
                smaller(smaller(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smaller(now[j], two_before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

const char *leray_nearest_name(const char *word, int n, const char *const *names)
{
    const char *best = NULL;
    int least = 1 + (int)strlen(word) / 3;

    for (int i = 0; i < n; i++) {
        int d = distance(word, names[i]);

        if (d < least || (d == least && !best)) least = d, best = names[i];
    }
    return best;
}
