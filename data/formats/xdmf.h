/* data/formats/xdmf.h - the sidecar by which ParaView opens one simulation's fields. Private. */
#ifndef LERAY_DATA_FORMATS_XDMF_H
#define LERAY_DATA_FORMATS_XDMF_H

#include "core/error.h"

/* Writes PATH with its ending replaced by .xdmf beside the Well file `path`: trajectory 0, every
   scalar field and component of a vector, one grid per valid step. Errors: DATA (not such a file), IO, MEMORY. */
LERAY_NODISCARD leray_status leray_xdmf_write(const char *path);

#endif
