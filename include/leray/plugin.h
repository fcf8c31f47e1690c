/* leray/plugin.h - components that a shared object brings: solvers, models, losses, data sets, samplers.

   A plugin runs with the user's rights. So it is loaded only if the user names it: by a call here, in the key
   `plugins` of a deck that is opened (leray/config.h), or after --plugin on the command line; never because a
   model, a data set or a result file names it. How to write one: leray/impl/plugin.h. */
#ifndef LERAY_PLUGIN_H
#define LERAY_PLUGIN_H

#include <leray/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Loads the shared object at `path` and registers its components; it stays loaded until the process ends.
   Loading the same file again does nothing. Call it before other threads use the library.
   Errors: IO (no such file), UNSUPPORTED (not a plugin of Leray, built for other headers, or not loadable: with
   the loader's reason), ARG (those of leray_plugin_register), MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_plugin_load(const char *path);

#ifdef __cplusplus
}
#endif
#endif
