/* api/plugin.h - the plugins that a deck names. Private to api/. */
#ifndef LERAY_API_PLUGIN_H
#define LERAY_API_PLUGIN_H

#include "core/config.h"

/* Loads what `plugins` of a deck names, which the user has opened. Never for a deck out of a file of somebody
   else's: those are parsed and resolved without it. Errors: those of leray_plugin_load, with the place. */
LERAY_NODISCARD leray_status leray_plugins_of_deck(const leray_config *cfg);

#endif
