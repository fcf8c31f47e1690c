/* data/spectrum_file.c - see data/spectrum_file.h. */
#include "data/spectrum_file.h"

#include "core/file.h"
#include "core/mem.h"
#include "core/number.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *skip_blanks(char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r') at++;
    return at;
}

/* Past one separator: blanks with at most one comma among them. */
static char *skip_separator(char *at)
{
    at = skip_blanks(at);
    return skip_blanks(*at == ',' ? at + 1 : at);
}

/* How many numbers the line holds, the first two in x; -1 if something else stands in it. */
static int read_numbers(char *line, double x[2])
{
    char *at = skip_blanks(line), *end;
    int n = 0;

    for (; *at; n++) {
        double value = leray_number_read(at, &end);

        if (end == at) return -1;
        if (n < 2) x[n] = value;
        if (*end && !strchr(" \t\r,", *end)) return -1;
        at = skip_separator(end);
    }
    return n;
}

static leray_status add_row(const char *path, int line, const double x[2], leray_spectrum_file *out)
{
    LERAY_CHECK(isfinite(x[0]) && isfinite(x[1]), LERAY_ERR_DATA,
                "%s:%d: k = %g, E = %g are not finite", path, line, x[0], x[1]);
    LERAY_CHECK(x[0] > 0, LERAY_ERR_DATA, "%s:%d: wavenumber k = %g is not positive", path, line,
                x[0]);
    LERAY_CHECK(x[1] >= 0, LERAY_ERR_DATA, "%s:%d: E = %g at k = %g is negative", path, line, x[1],
                x[0]);
    LERAY_CHECK(out->count == 0 || x[0] > out->k[out->count - 1], LERAY_ERR_DATA,
                "%s:%d: k = %g does not increase; the row before has %g", path, line, x[0],
                out->k[out->count - 1]);
    out->k[out->count] = x[0];
    out->energy[out->count++] = x[1];
    return LERAY_OK;
}

static leray_status read_line(const char *path, int number, char *line, leray_spectrum_file *out)
{
    double x[2] = {0};
    int n;

    line[strcspn(line, "#")] = 0;
    n = read_numbers(line, x);
    if (n == 0 || (n < 0 && out->count == 0 && isalpha((unsigned char)*skip_blanks(line))))
        return LERAY_OK;
    LERAY_CHECK(n > 0, LERAY_ERR_DATA, "%s:%d: '%.40s' is not two numbers, k and E", path, number,
                line);
    LERAY_CHECK(n == 2, LERAY_ERR_DATA, "%s:%d: %d column%s; a spectrum has two, k and E", path,
                number, n, n == 1 ? "" : "s");
    LERAY_TRY(add_row(path, number, x, out));
    return LERAY_OK;
}

static leray_status parse(const char *path, char *text, leray_spectrum_file *out)
{
    size_t lines = 1;
    int number = 1;

    for (const char *at = text; *at; at++) lines += *at == '\n';
    LERAY_TRY(LERAY_ALLOC(&out->k, lines));
    LERAY_TRY(LERAY_ALLOC(&out->energy, lines));
    for (char *line = text, *next; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        LERAY_TRY(read_line(path, number, line, out));
    }
    LERAY_CHECK(out->count >= 2, LERAY_ERR_DATA,
                "%s: %d rows of k and E; a spectrum has at least 2", path, out->count);
    return LERAY_OK;
}

leray_status leray_spectrum_file_read(const char *path, leray_spectrum_file *out)
{
    char *text;
    size_t size;
    leray_status status;

    *out = (leray_spectrum_file){0};
    LERAY_TRY(leray_file_read(path, &text, &size));
    status = parse(path, text, out);
    leray_mem_free(text);
    if (status) leray_spectrum_file_fini(out);
    if (status) return leray_error_trace(status, __FILE__, __LINE__);
    return LERAY_OK;
}

void leray_spectrum_file_fini(leray_spectrum_file *spectrum)
{
    leray_mem_free(spectrum->k);
    leray_mem_free(spectrum->energy);
    *spectrum = (leray_spectrum_file){0};
}

double leray_spectrum_file_at(const leray_spectrum_file *spectrum, double k)
{
    const double *x = spectrum->k, *e = spectrum->energy;
    int low = 0, high = spectrum->count - 1;

    if (!(k >= x[low] && k <= x[high])) return 0;
    while (high - low > 1) {
        int middle = (low + high) / 2;

        if (x[middle] <= k) low = middle;
        else high = middle;
    }
    if (e[low] > 0 && e[high] > 0)
        return e[low] * exp(log(e[high] / e[low]) * log(k / x[low]) / log(x[high] / x[low]));
    return e[low] + (e[high] - e[low]) * (k - x[low]) / (x[high] - x[low]);
}
