/* api/plugin.c - components from shared objects: loaded, checked against the contracts, registered. */
#include "api/plugin.h"

#include "api/registry.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/provenance.h"
#include <leray/impl/plugin.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define ENTRY "leray_plugin_entry"
#define NAME_MAX_BYTES 63

/* ---- what a component must have ---------------------------------------------------------- */

/* NULL, or what the contract wants and the type has not. */
static const char *lack_of_solver(const leray_solver_type *t)
{
    int state = !!t->state_size + !!t->save + !!t->restore;

    if (!t->name || !t->summary) return "name and summary";
    if (t->size < sizeof(leray_solver)) return "a size of at least that of leray_solver";
    if (!t->init || !t->fini || !t->start || !t->step || !t->frame)
        return "init, fini, start, step and frame";
    return state == 0 || state == 3 ? NULL : "state_size, save and restore, all or none";
}

static const char *lack_of_model(const leray_model_type *t)
{
    if (!t->summary) return "summary";
    if (t->size < sizeof(leray_model)) return "a size of at least that of leray_model";
    if (!t->init || !t->forward || !t->accepts) return "init, forward and accepts";
    if (!t->to != !t->from) return "to and from, both or neither";
    return !t->head == !t->latent ? NULL : "head and latent, both or neither";
}

static const char *lack_of_loss(const leray_loss_type *t)
{
    if (!t->summary) return "summary";
    if (t->size < sizeof(leray_loss)) return "a size of at least that of leray_loss";
    return t->apply ? NULL : "apply";
}

static const char *lack_of_dataset(const leray_dataset_type *t)
{
    if (!t->name || !t->summary) return "name and summary";
    return t->open && t->windows ? NULL : "open and windows";
}

static const char *lack_of_sampler(const leray_sampler_type *t)
{
    if (!t->name || !t->summary) return "name and summary";
    return t->point && t->max_dimension >= 1 ? NULL : "point and max_dimension";
}

/* A component as its kind has it. */
typedef struct found {
    int kind;
    const void *type;
    const char *name; /* of the type, NULL where it has none */
    const char *lack;
} found;

static found find_type(const leray_component *c)
{
    if (c->solver)
        return (found){LERAY_KIND_OF_SOLVER, c->solver, c->solver->name, lack_of_solver(c->solver)};
    if (c->model) return (found){LERAY_KIND_OF_MODEL, c->model, NULL, lack_of_model(c->model)};
    if (c->loss) return (found){LERAY_KIND_OF_LOSS, c->loss, NULL, lack_of_loss(c->loss)};
    if (c->dataset)
        return (found){LERAY_KIND_OF_DATASET, c->dataset, c->dataset->name,
                       lack_of_dataset(c->dataset)};
    return (found){LERAY_KIND_OF_SAMPLER, c->sampler, c->sampler->name,
                   lack_of_sampler(c->sampler)};
}

static leray_status check_name(const char *source, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    bool fine = name && *name && strspn(name, letters) > 0 && strlen(name) <= NAME_MAX_BYTES &&
                name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';

    LERAY_CHECK(fine, LERAY_ERR_ARG,
                "%s: a component named '%s': allowed are 1 to %d small letters, digits and '-', a "
                "letter first",
                source, name ? name : "", NAME_MAX_BYTES);
    return LERAY_OK;
}

static leray_status check(const char *source, const leray_component *c, found *f)
{
    int n = !!c->solver + !!c->model + !!c->loss + !!c->dataset + !!c->sampler;

    LERAY_TRY(check_name(source, c->name));
    LERAY_CHECK(n == 1, LERAY_ERR_ARG,
                "%s: component '%s' has %d types, wanted: one of solver, model, loss, dataset, "
                "sampler",
                source, c->name, n);
    *f = find_type(c);
    LERAY_CHECK(!f->lack, LERAY_ERR_ARG, "%s: the type of %s '%s' must have %s", source,
                leray_registry_of(f->kind)->kind, c->name, f->lack);
    LERAY_CHECK(!f->name || strcmp(f->name, c->name) == 0, LERAY_ERR_ARG,
                "%s: component '%s' has a type named '%s': they must be the same", source, c->name,
                f->name);
    return LERAY_OK;
}

static leray_status add_all(const char *source, const leray_plugin *plugin, int *kind,
                            leray_registry_entry *entry)
{
    for (int i = 0; i < plugin->count; i++) {
        const leray_component *c = &plugin->component[i];
        found f = {0};

        LERAY_TRY(check(source, c, &f));
        kind[i] = f.kind;
        entry[i] = (leray_registry_entry){.id = c->name, .type = f.type, .plugin = source};
    }
    return leray_registry_add(plugin->count, kind, entry);
}

/* ---- what is there already --------------------------------------------------------------- */

/* The tables of components that are registered. */
typedef struct known {
    const leray_component *table;
    struct known *next;
} known;

static known *first_known;
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static bool is_known(const leray_plugin *plugin)
{
    for (const known *k = first_known; k; k = k->next)
        if (k->table == plugin->component) return true;
    return false;
}

static leray_status add_new(const char *source, const leray_plugin *plugin, known *node)
{
    leray_registry_entry *entry;
    int *kind;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&entry, (size_t)plugin->count));
    status = LERAY_ALLOC(&kind, (size_t)plugin->count);
    if (!status) {
        status = add_all(source, plugin, kind, entry);
        leray_mem_free(kind);
    }
    leray_mem_free(entry);
    if (!status) *node = (known){plugin->component, first_known}, first_known = node;
    return status;
}

/* *fresh: it was not there before. The caller holds the lock. */
static leray_status add(const char *source, const leray_plugin *plugin, bool *fresh)
{
    known *node;
    leray_status status;

    *fresh = false;
    LERAY_CHECK(strcmp(plugin->built_for, LERAY_BUILT_FOR) == 0, LERAY_ERR_UNSUPPORTED,
                "%s was built for %s; this is %s: build it again with the headers of this "
                "installation",
                source, plugin->built_for, LERAY_BUILT_FOR);
    if (is_known(plugin)) return LERAY_OK;
    LERAY_CHECK(plugin->count >= 1 && plugin->component, LERAY_ERR_ARG, "%s holds no component",
                source);
    LERAY_TRY(LERAY_ALLOC(&node, 1));
    status = add_new(source, plugin, node);
    if (status) leray_mem_free(node);
    *fresh = !status;
    return status;
}

leray_status leray_plugin_register(const char *source, const leray_plugin *plugin)
{
    leray_status status;
    bool fresh;

    pthread_mutex_lock(&loading);
    status = add(source, plugin, &fresh);
    pthread_mutex_unlock(&loading);
    return status;
}

/* ---- shared objects ---------------------------------------------------------------------- */

/* Without a slash the loader would look through the folders of the system. */
static leray_status path_for_loader(const char *path, char out[LERAY_PATH_MAX])
{
    int n = snprintf(out, LERAY_PATH_MAX, "%s%s", strchr(path, '/') ? "" : "./", path);

    LERAY_CHECK(n < LERAY_PATH_MAX, LERAY_ERR_CONFIG, "the path of a plugin, '%s', is too long",
                path);
    LERAY_CHECK(*path && leray_file_exists(path), LERAY_ERR_IO, "there is no plugin '%s'", path);
    return LERAY_OK;
}

/* The loader's reason, where it is not that of this library. */
static const char *reason(void)
{
    const char *text = dlerror();

    return text ? text : "no reason given";
}

/* Whether what the object calls is this library, not a second copy of it with memory and names of its own. */
static bool calls_this_library(void *object)
{
    leray_status (*ours)(const char *) = leray_plugin_load;
    void *theirs = dlsym(object, "leray_plugin_load");

    return !theirs || memcmp(&ours, &theirs, sizeof theirs) == 0;
}

static leray_status register_object(const char *path, void *object)
{
    const leray_plugin *plugin = dlsym(object, ENTRY);
    char *source;
    bool fresh;
    leray_status status;

    LERAY_CHECK(plugin, LERAY_ERR_UNSUPPORTED,
                "%s is no plugin of Leray: it has no LERAY_PLUGIN (leray/impl/plugin.h)", path);
    LERAY_CHECK(calls_this_library(object), LERAY_ERR_UNSUPPORTED,
                "%s is linked with another copy of the library than this program; link both with "
                "the same libleray.so",
                path);
    LERAY_TRY(
        leray_mem_text(path, &source)); /* where it is fresh, for as long as the process lives */
    status = add(source, plugin, &fresh);
    if (fresh) return leray_provenance_add_plugin(source);
    leray_mem_free(source);
    return status;
}

/* What was loaded stays loaded, also where it is refused. */
leray_status leray_plugin_load(const char *path)
{
    char file[LERAY_PATH_MAX];
    void *object;
    leray_status status;

    LERAY_TRY(path_for_loader(path, file));
    pthread_mutex_lock(&loading);
    object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    status = object ? register_object(path, object)
                    : leray_error_raise(LERAY_ERR_UNSUPPORTED, __FILE__, __LINE__,
                                        "the plugin '%s' cannot be loaded: %s", path, reason());
    pthread_mutex_unlock(&loading);
    return status;
}

leray_status leray_plugins_of_deck(const leray_config *cfg)
{
    char *const *path;
    int n;

    path = leray_config_peek_list(cfg, "plugins", &n);
    for (int i = 0; i < n; i++) LERAY_TRY(leray_plugin_load(path[i]));
    return LERAY_OK;
}
