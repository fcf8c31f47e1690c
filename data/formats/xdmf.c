/* data/formats/xdmf.c - XDMF 3 over the HDF5 layout of data/formats/well/well.h. */
#include "data/formats/xdmf.h"

#include "core/file.h"
#include "core/mem.h"
#include "core/text.h"
#include "data/formats/well/well.h"

#include <stdio.h>
#include <string.h>

/* XML 1.0 has no control characters but tab and line breaks, and those only as references. */
static const char *in_xml(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&apos;";
    case '\t': return "&#9;";
    case '\n': return "&#10;";
    case '\r': return "&#13;";
    default: return leray_is_control(c) ? "\xEF\xBF\xBD" : NULL;
    }
}

static void add_text(leray_text *x, const char *text) { leray_text_add_utf8(x, text, in_xml); }

/* Slowest axis first, as XDMF wants it. */
static void add_extents(leray_text *x, const leray_well_info *w)
{
    for (int d = 0; d < w->grid.ndim; d++)
        leray_text_add(x, "%s%d", d ? " " : "", w->grid.axis[d].n);
}

/* Component c of a field: of a vector it is the last index. */
static void add_component(leray_text *x, const leray_well_info *w, const leray_well_field *f,
                          const char *file, int step, int c)
{
    int rank = w->grid.ndim + 2 + (f->order > 0);

    leray_text_add(x, "   <Attribute Name=\"");
    add_text(x, f->name);
    if (f->order > 0) leray_text_add(x, "_"), add_text(x, leray_grid_axis_name(&w->grid, c));
    leray_text_add(x, "\" Center=\"Node\">\n    <DataItem ItemType=\"HyperSlab\" Dimensions=\"");
    add_extents(x, w);
    leray_text_add(x, "\">\n     <DataItem Dimensions=\"3 %d\" Format=\"XML\">0 %d", rank, step);
    for (int d = 0; d < w->grid.ndim; d++) leray_text_add(x, " 0");
    if (f->order > 0) leray_text_add(x, " %d", c);
    for (int d = 0; d < rank; d++) leray_text_add(x, " 1");
    leray_text_add(x, " 1 1");
    for (int d = 0; d < w->grid.ndim; d++) leray_text_add(x, " %d", w->grid.axis[d].n);
    if (f->order > 0) leray_text_add(x, " 1");
    leray_text_add(x,
                   "</DataItem>\n     <DataItem Format=\"HDF\" NumberType=\"Float\" "
                   "Precision=\"4\" Dimensions=\"%d %d ",
                   w->n_trajectories, w->n_steps);
    add_extents(x, w);
    if (f->order > 0) leray_text_add(x, " %d", f->components);
    leray_text_add(x, "\">");
    add_text(x, file);
    leray_text_add(x, ":/t%d_fields/", f->order);
    add_text(x, f->name);
    leray_text_add(x, "</DataItem>\n    </DataItem>\n   </Attribute>\n");
}

/* Coordinates of an axis of `file`, for meshes whose spacing is not even. */
static void add_coordinates(leray_text *x, const leray_well_info *w, const char *file, int a)
{
    leray_text_add(x,
                   "    <DataItem Dimensions=\"%d\" Format=\"HDF\" NumberType=\"Float\" "
                   "Precision=\"8\">",
                   w->grid.axis[a].n);
    add_text(x, file);
    leray_text_add(x, ":/dimensions/");
    add_text(x, leray_grid_axis_name(&w->grid, a));
    leray_text_add(x, "</DataItem>\n");
}

/* XDMF has no mesh of one dimension: a line is a plane with one row. */
static void add_mesh(leray_text *x, const leray_well_info *w, const char *file)
{
    int ndim = w->grid.ndim, axes = ndim == 1 ? 2 : ndim;
    bool even = true;

    for (int a = 0; a < ndim; a++) even = even && leray_grid_is_even(&w->grid, a);
    leray_text_add(x, "   <Topology TopologyType=\"%dD%sMesh\" Dimensions=\"", axes,
                   even ? "CoRect" : "Rect");
    if (axes > ndim) leray_text_add(x, "1 ");
    add_extents(x, w);
    if (!even) {
        leray_text_add(x, "\"/>\n   <Geometry GeometryType=\"%s\">\n",
                       axes == 3 ? "VXVYVZ" : "VXVY");
        for (int a = ndim - 1; a >= 0; a--) add_coordinates(x, w, file, a);
        if (axes > ndim)
            leray_text_add(x, "    <DataItem Dimensions=\"1\" Format=\"XML\">0</DataItem>\n");
        leray_text_add(x, "   </Geometry>\n");
        return;
    }
    leray_text_add(x,
                   "\"/>\n   <Geometry GeometryType=\"%s\">\n    <DataItem Dimensions=\"%d\" "
                   "Format=\"XML\">",
                   axes == 3 ? "ORIGIN_DXDYDZ" : "ORIGIN_DXDY", axes);
    if (axes > ndim) leray_text_add(x, "0 ");
    for (int a = 0; a < ndim; a++)
        leray_text_add(x, "%.9g ", leray_grid_coordinate(&w->grid, a, 0));
    leray_text_add(x, "</DataItem>\n    <DataItem Dimensions=\"%d\" Format=\"XML\">", axes);
    if (axes > ndim) leray_text_add(x, "1 ");
    for (int a = 0; a < ndim; a++)
        leray_text_add(x, "%.9g ",
                       w->grid.axis[a].n > 1 ? leray_grid_coordinate(&w->grid, a, 1) -
                                                   leray_grid_coordinate(&w->grid, a, 0)
                                             : w->grid.axis[a].length);
    leray_text_add(x, "</DataItem>\n   </Geometry>\n");
}

static void add_grid(leray_text *x, const leray_well_info *w, const char *file, int step)
{
    leray_text_add(x, "  <Grid Name=\"frame %d\">\n   <Time Value=\"%.17g\"/>\n", step,
                   leray_well_time(w, 0, step));
    add_mesh(x, w, file);
    for (int f = 0; f < w->n_fields; f++)
        for (int c = 0; c < w->field[f].components && w->field[f].order < 2; c++)
            if (w->field[f].time_varying && w->field[f].sample_varying)
                add_component(x, w, &w->field[f], file, step, c);
    leray_text_add(x, "  </Grid>\n");
}

static leray_status write_text(const char *path, const leray_well_info *w)
{
    const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *dot = strrchr(file, '.');
    size_t stem = dot ? (size_t)(dot - path) : strlen(path);
    char to[LERAY_PATH_MAX], *text;
    leray_text x = {0};
    leray_status status;

    LERAY_CHECK(stem + 8 < sizeof to, LERAY_ERR_ARG, "path is too long: %.80s", path);
    snprintf(to, sizeof to, "%.*s.xdmf", (int)stem, path);
    leray_text_add(&x, "<?xml version=\"1.0\" ?>\n<Xdmf Version=\"3.0\">\n <Domain>\n  <Grid "
                       "GridType=\"Collection\" CollectionType=\"Temporal\">\n");
    for (int step = 0; step < w->valid_steps[0]; step++) add_grid(&x, w, file, step);
    leray_text_add(&x, "  </Grid>\n </Domain>\n</Xdmf>\n");
    LERAY_TRY(leray_text_finish(&x, &text));
    status = leray_file_write(to, text, strlen(text));
    leray_mem_free(text);
    return status;
}

leray_status leray_xdmf_write(const char *path)
{
    leray_well *well;
    leray_status status;

    LERAY_TRY(leray_well_open(path, &well));
    status = write_text(path, leray_well_get_info(well));
    leray_well_close(&well);
    return status;
}
