/* api/registry.h - every kind of component and its names. Private to api/ and commands/.

   A name in a deck is an id of the kind's .def list with '-' for '_', or the name that a plugin gives. */
#ifndef LERAY_API_REGISTRY_H
#define LERAY_API_REGISTRY_H

#include "core/config.h"

typedef struct leray_registry_entry {
    const char *id;
    const void *type;   /* leray_<kind>_type; NULL if left out of this build */
    const char *remedy; /* what to do about that */
    const char *plugin; /* where it comes from; NULL: built in */
} leray_registry_entry;

typedef struct leray_registry {
    const char *kind;                  /* "solver" */
    const char *section;               /* of the deck, "solver" */
    const char *key;                   /* in it, that holds the name: "type" */
    const char *fallback;              /* name where the deck gives none */
    const char *help;                  /* of that key */
    int count;                         /* built in */
    const leray_registry_entry *entry; /* [count] */
    const leray_keys *common;          /* keys that all of the kind have; NULL: none */
    size_t summary_offset;             /* of `summary` in the type */
    size_t keys_offset;                /* of `keys`; SIZE_MAX if the kind has none of its own */
} leray_registry;

enum {
    LERAY_KIND_OF_SOLVER,
    LERAY_KIND_OF_SAMPLER,
    LERAY_KIND_OF_RESERVOIR,
    LERAY_KIND_OF_DIAGNOSTIC, /* has no name in a deck: each has its section output.<name> */
    LERAY_KIND_OF_DATASET,
    LERAY_KIND_OF_MODEL,
    LERAY_KIND_OF_LOSS,
    LERAY_KIND_OF_OPTIMIZER,
    LERAY_KIND_OF_SCHEDULE,
    LERAY_N_KINDS
};

const leray_registry *leray_registry_of(int kind);

/* All entries, one after the other: the first for NULL, NULL after the last. */
const leray_registry_entry *leray_registry_next(const leray_registry *r,
                                                const leray_registry_entry *entry);

/* Adds n entries behind those that are there, all or none; what their pointers point to must live until the
   process ends. Other threads may look names up meanwhile. Errors: ARG (a name that is taken), MEMORY. */
LERAY_NODISCARD leray_status leray_registry_add(int n, const int *kind,
                                                const leray_registry_entry *entries);

void leray_registry_name(const leray_registry_entry *entry, char out[64]);
const char *leray_registry_summary(const leray_registry *r, const leray_registry_entry *entry);
leray_keys leray_registry_keys(const leray_registry *r, const leray_registry_entry *entry);
/* The section of a deck with the component's keys. */
void leray_registry_section(const leray_registry *r, const leray_registry_entry *entry,
                            char out[96]);

/* Errors: NOT_FOUND with the known names and the nearest, UNSUPPORTED with the remedy; `where` is
   put behind the name. */
LERAY_NODISCARD leray_status leray_registry_find(const leray_registry *r, const char *name,
                                                 const char *where,
                                                 const leray_registry_entry **out);

#endif
