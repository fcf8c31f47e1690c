/* data/formats/well/h5.c - files, groups and datasets; see data/formats/well/h5.h. */
#include "data/formats/well/h5_impl.h"

#include "core/mem.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* HDF5 is one object of the process, so its lock and the error handler it had belong here. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static H5E_auto2_t outer_handler;
static void *outer_data;

void leray_h5_lock(void)
{
    pthread_mutex_lock(&mutex);
    H5Eget_auto2(H5E_DEFAULT, &outer_handler, &outer_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void leray_h5_unlock(void)
{
    H5Eset_auto2(H5E_DEFAULT, outer_handler, outer_data);
    pthread_mutex_unlock(&mutex);
}

const char *leray_h5_label(leray_h5 object, size_t size, char *out)
{
    char file[256] = "?", name[256] = "";

    H5Fget_name((hid_t)object, file, sizeof file);
    H5Iget_name((hid_t)object, name, sizeof name);
    snprintf(out, size, "%s: %s", file, name);
    return out;
}

hid_t leray_h5_bool_type(void)
{
    hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    int8_t value = 0;

    H5Tenum_insert(type, "FALSE", &value);
    value = 1;
    H5Tenum_insert(type, "TRUE", &value);
    return type;
}

static hid_t memory_type(leray_h5_type type)
{
    switch (type) {
    case LERAY_H5_FLOAT: return H5T_NATIVE_FLOAT;
    case LERAY_H5_DOUBLE: return H5T_NATIVE_DOUBLE;
    case LERAY_H5_BYTE: return H5T_NATIVE_UCHAR;
    case LERAY_H5_INT: break;
    }
    return H5T_NATIVE_INT;
}

static hid_t file_type(leray_h5_type type)
{
    switch (type) {
    case LERAY_H5_FLOAT: return H5T_IEEE_F32LE;
    case LERAY_H5_DOUBLE: return H5T_IEEE_F64LE;
    case LERAY_H5_BYTE: return H5T_STD_U8LE;
    case LERAY_H5_INT: break;
    }
    return H5T_STD_I32LE;
}

static leray_status keep(hid_t id, leray_h5 *out)
{
    *out = id < 0 ? 0 : (leray_h5)id;
    return id < 0 ? LERAY_ERR_EXTERNAL : LERAY_OK;
}

leray_status leray_h5_create(const char *path, leray_h5 *file)
{
    LERAY_CHECK(!keep(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), file), LERAY_ERR_IO,
                "cannot create the HDF5 file %s", path);
    return LERAY_OK;
}

leray_status leray_h5_open(const char *path, leray_h5 *file)
{
    struct stat info;

    *file = 0;
    LERAY_CHECK(stat(path, &info) == 0, LERAY_ERR_DATA, "cannot open %s: %s", path,
                strerror(errno));
    LERAY_CHECK(!S_ISDIR(info.st_mode), LERAY_ERR_DATA,
                "%s is a folder, an HDF5 file is needed: name the file in it", path);
    LERAY_CHECK(H5Fis_hdf5(path) > 0, LERAY_ERR_DATA, "%s: not HDF5, or not readable", path);
    LERAY_CHECK(!keep(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), file), LERAY_ERR_DATA,
                "%s: damaged or truncated HDF5; copy or generate it again", path);
    return LERAY_OK;
}

leray_status leray_h5_open_on(const leray_comm *comm, const char *path, leray_h5 *file)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    MPI_Comm handle;
    leray_status status;

    if (leray_comm_size(comm) > 1 && leray_comm_handle(comm, &handle))
        H5Pset_fapl_mpio(list, handle, MPI_INFO_NULL);
    status = keep(H5Fopen(path, H5F_ACC_RDWR, list), file);
    H5Pclose(list);
    LERAY_CHECK(!status, LERAY_ERR_IO, "cannot open %s to write into it", path);
    return LERAY_OK;
}

leray_status leray_h5_close(leray_h5 *object)
{
    hid_t id = (hid_t)*object;
    herr_t failed = 0;

    *object = 0;
    if (id == 0) return LERAY_OK;
    switch (H5Iget_type(id)) {
    case H5I_FILE: failed = H5Fclose(id); break;
    case H5I_GROUP: failed = H5Gclose(id); break;
    case H5I_DATASET: failed = H5Dclose(id); break;
    default: failed = -1;
    }
    LERAY_CHECK(failed >= 0, LERAY_ERR_IO, "cannot complete an HDF5 file; is the disk full?");
    return LERAY_OK;
}

void leray_h5_drop(leray_h5 *object)
{
    leray_status ignored = leray_h5_close(object);

    (void)ignored;
}

leray_status leray_h5_end(leray_h5 *object, leray_status status)
{
    if (!status) return leray_h5_close(object);
    leray_h5_drop(object);
    return status;
}

leray_status leray_h5_group_create(leray_h5 parent, const char *name, leray_h5 *out)
{
    char label[LERAY_H5_LABEL];

    LERAY_CHECK(!keep(H5Gcreate2((hid_t)parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), out),
                LERAY_ERR_IO, "%s: cannot create group '%s'",
                leray_h5_label(parent, sizeof label, label), name);
    return LERAY_OK;
}

leray_status leray_h5_group_open(leray_h5 parent, const char *name, leray_h5 *out)
{
    char label[LERAY_H5_LABEL];

    LERAY_CHECK(!keep(H5Gopen2((hid_t)parent, name, H5P_DEFAULT), out), LERAY_ERR_DATA,
                "%s: group '%s' is missing", leray_h5_label(parent, sizeof label, label), name);
    return LERAY_OK;
}

bool leray_h5_has(leray_h5 parent, const char *name)
{
    return H5Lexists((hid_t)parent, name, H5P_DEFAULT) > 0;
}

int leray_h5_child_count(leray_h5 group)
{
    H5G_info_t info;

    return H5Gget_info((hid_t)group, &info) < 0 ? 0 : (int)info.nlinks;
}

leray_status leray_h5_child_name(leray_h5 group, int i, size_t size, char *out)
{
    char label[LERAY_H5_LABEL];
    ssize_t n = H5Lget_name_by_idx((hid_t)group, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i, out,
                                   size, H5P_DEFAULT);

    LERAY_CHECK(n >= 0 && (size_t)n < size, LERAY_ERR_DATA, "%s: cannot read the name of entry %d",
                leray_h5_label(group, sizeof label, label), i);
    return LERAY_OK;
}

/* Chunks are allocated when written; the rest reads as the fill value. Without times of change the
   same content is the same bytes. */
static hid_t creation_properties(leray_h5_type type, int rank, const size_t *chunk)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t extent[LERAY_H5_RANK_MAX];
    double fill = NAN;

    H5Pset_obj_track_times(list, false);
    if (!chunk) return list;
    for (int i = 0; i < rank; i++) extent[i] = chunk[i];
    H5Pset_chunk(list, rank, extent);
    if (type == LERAY_H5_FLOAT || type == LERAY_H5_DOUBLE)
        H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &fill);
    return list;
}

static leray_status create_dataset(leray_h5 parent, const char *name, hid_t type, hid_t list,
                                   int rank, const size_t *shape, leray_h5 *out)
{
    hsize_t extent[LERAY_H5_RANK_MAX];
    char label[LERAY_H5_LABEL];
    hid_t space;
    leray_status status;

    for (int i = 0; i < rank; i++) extent[i] = shape[i];
    space = H5Screate_simple(rank, extent, NULL);
    status =
        keep(H5Dcreate2((hid_t)parent, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT), out);
    H5Sclose(space);
    LERAY_CHECK(!status, LERAY_ERR_IO, "%s: cannot create dataset '%s'",
                leray_h5_label(parent, sizeof label, label), name);
    return LERAY_OK;
}

leray_status leray_h5_dataset_create(leray_h5 parent, const char *name, leray_h5_type type,
                                     int rank, const size_t *shape, const size_t *chunk,
                                     leray_h5 *out)
{
    hid_t list = creation_properties(type, rank, chunk);
    leray_status status = create_dataset(parent, name, file_type(type), list, rank, shape, out);

    H5Pclose(list);
    return status;
}

leray_status leray_h5_dataset_reserve(leray_h5 parent, const char *name, leray_h5_type type,
                                      int rank, const size_t *shape, leray_h5 *out)
{
    hid_t list = creation_properties(type, rank, NULL);
    leray_status status;

    H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);
    status = create_dataset(parent, name, file_type(type), list, rank, shape, out);
    H5Pclose(list);
    return status;
}

leray_status leray_h5_dataset_open(leray_h5 parent, const char *name, leray_h5 *out)
{
    char label[LERAY_H5_LABEL];

    LERAY_CHECK(!keep(H5Dopen2((hid_t)parent, name, H5P_DEFAULT), out), LERAY_ERR_DATA,
                "%s: dataset '%s' is missing", leray_h5_label(parent, sizeof label, label), name);
    return LERAY_OK;
}

leray_status leray_h5_dataset_shape(leray_h5 dataset, int *rank, size_t shape[LERAY_H5_RANK_MAX])
{
    hsize_t extent[H5S_MAX_RANK];
    char label[LERAY_H5_LABEL];
    hid_t space = H5Dget_space((hid_t)dataset);
    int n = H5Sget_simple_extent_dims(space, extent, NULL);

    H5Sclose(space);
    *rank = n;
    LERAY_CHECK(n >= 0 && n <= LERAY_H5_RANK_MAX, LERAY_ERR_DATA, "%s: rank %d, allowed: 0 to %d",
                leray_h5_label(dataset, sizeof label, label), n, LERAY_H5_RANK_MAX);
    for (int i = 0; i < n; i++) shape[i] = (size_t)extent[i];
    return LERAY_OK;
}

/* The dataset's space with the block selected, and a space of the same size in memory. */
static bool select_block(leray_h5 dataset, int rank, const size_t *start, const size_t *count,
                         hid_t *file, hid_t *memory)
{
    hsize_t from[LERAY_H5_RANK_MAX], extent[LERAY_H5_RANK_MAX];

    *file = *memory = H5S_ALL;
    if (!start) return true;
    for (int i = 0; i < rank; i++) from[i] = start[i], extent[i] = count[i];
    *file = H5Dget_space((hid_t)dataset);
    *memory = H5Screate_simple(rank, extent, NULL);
    return H5Sselect_hyperslab(*file, H5S_SELECT_SET, from, NULL, extent, NULL) >= 0;
}

static void close_spaces(hid_t file, hid_t memory)
{
    if (file != H5S_ALL) H5Sclose(file);
    if (memory != H5S_ALL) H5Sclose(memory);
}

leray_status leray_h5_write(leray_h5 dataset, leray_h5_type type, int rank, const size_t *start,
                            const size_t *count, const void *data)
{
    hid_t file, memory;
    char label[LERAY_H5_LABEL];
    bool good = select_block(dataset, rank, start, count, &file, &memory) &&
                H5Dwrite((hid_t)dataset, memory_type(type), memory, file, H5P_DEFAULT, data) >= 0;

    close_spaces(file, memory);
    LERAY_CHECK(good, LERAY_ERR_IO, "%s: cannot write; is the disk full?",
                leray_h5_label(dataset, sizeof label, label));
    return LERAY_OK;
}

bool leray_h5_is_number(leray_h5 dataset)
{
    hid_t type = H5Dget_type((hid_t)dataset);
    H5T_class_t class = H5Tget_class(type);

    H5Tclose(type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

/* The first filter of the dataset that this HDF5 does not have; its number, or 0. */
static int missing_filter(leray_h5 dataset, char name[64])
{
    static const struct {
        int number;
        const char *name;
    } known[] = {
        {307,   "bzip2"     },
        {32000, "lzf"       },
        {32001, "blosc"     },
        {32004, "lz4"       },
        {32008, "bitshuffle"},
        {32013, "zfp"       },
        {32015, "zstd"      },
        {32026, "blosc2"    }
    };
    hid_t list = H5Dget_create_plist((hid_t)dataset);
    int missing = 0;

    for (int i = 0; i < H5Pget_nfilters(list) && !missing; i++) {
        unsigned flags, config;
        size_t parameters = 0;
        H5Z_filter_t number =
            H5Pget_filter2(list, (unsigned)i, &flags, &parameters, NULL, 64, name, &config);

        if (number > 0 && H5Zfilter_avail(number) <= 0) missing = (int)number;
    }
    H5Pclose(list);
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
        if (known[k].number == missing) snprintf(name, 64, "%s", known[k].name);
    return missing;
}

/* Why a dataset could not be read. */
static leray_status cannot_read(leray_h5 dataset)
{
    char label[LERAY_H5_LABEL], name[64] = "";
    int filter = missing_filter(dataset, name);

    leray_h5_label(dataset, sizeof label, label);
    LERAY_CHECK(!filter, LERAY_ERR_DATA,
                "%s: is compressed by the filter '%.63s' (number %d), which this HDF5 does not "
                "have: install "
                "its plugin and set HDF5_PLUGIN_PATH, or write the file with gzip",
                label, name, filter);
    LERAY_CHECK(leray_h5_is_number(dataset), LERAY_ERR_DATA, "%s: holds no numbers", label);
    LERAY_FAIL(LERAY_ERR_DATA, "%s: cannot read; the file may be damaged or truncated", label);
}

leray_status leray_h5_read(leray_h5 dataset, leray_h5_type type, int rank, const size_t *start,
                           const size_t *count, void *data)
{
    hid_t file, memory;
    bool good = select_block(dataset, rank, start, count, &file, &memory) &&
                H5Dread((hid_t)dataset, memory_type(type), memory, file, H5P_DEFAULT, data) >= 0;

    close_spaces(file, memory);
    return good ? LERAY_OK : cannot_read(dataset);
}

leray_status leray_h5_read_bools(leray_h5 dataset, size_t n, bool *out)
{
    hid_t type = H5Dget_type((hid_t)dataset);
    bool is_enum = H5Tget_class(type) == H5T_ENUM, good;
    hid_t base = is_enum ? leray_h5_bool_type() : H5Tcopy(H5T_NATIVE_UCHAR);
    char label[LERAY_H5_LABEL];

    good = H5Dread((hid_t)dataset, base, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
    for (size_t i = 0; good && i < n; i++) out[i] = ((const unsigned char *)out)[i] != 0;
    H5Tclose(base);
    H5Tclose(type);
    LERAY_CHECK(good, LERAY_ERR_DATA, "%s: cannot read booleans",
                leray_h5_label(dataset, sizeof label, label));
    return LERAY_OK;
}

leray_status leray_h5_put_bool_dataset(leray_h5 parent, const char *name, int n, const bool *x)
{
    hid_t type = leray_h5_bool_type();
    size_t extent = (size_t)n;
    hid_t list = creation_properties(LERAY_H5_BYTE, 1, NULL);
    leray_h5 dataset = 0;
    leray_status status = create_dataset(parent, name, type, list, 1, &extent, &dataset);

    _Static_assert(sizeof(bool) == 1, "a bool has the size of the file's int8");
    if (!status && H5Dwrite((hid_t)dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) < 0)
        status = LERAY_ERR_IO;
    H5Pclose(list);
    H5Tclose(type);
    leray_h5_drop(&dataset);
    LERAY_CHECK(!status, LERAY_ERR_IO, "cannot write dataset '%s'", name);
    return LERAY_OK;
}
