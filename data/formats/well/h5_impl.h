/* data/formats/well/h5_impl.h - what h5.c and h5_attribute.c share; nobody else includes HDF5. */
#ifndef LERAY_DATA_FORMATS_WELL_H5_IMPL_H
#define LERAY_DATA_FORMATS_WELL_H5_IMPL_H

#define H5_USE_110_API
#include "data/formats/well/h5.h"

#include <hdf5.h>

#define LERAY_H5_LABEL 560

/* "FILE: /path" of an object, for errors; returns `out`. */
const char *leray_h5_label(leray_h5 object, size_t size, char *out);

/* h5py's boolean; to be closed with H5Tclose. */
hid_t leray_h5_bool_type(void);

#endif
