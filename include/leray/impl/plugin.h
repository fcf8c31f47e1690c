/* leray/impl/plugin.h - solvers, models, losses, data sets and samplers from outside the source tree.

   A plugin is a shared object with a table of components and one line:

       #include <leray/impl/plugin.h>

       static const leray_component components[] = {
           {.name = "gray-scott", .solver = &gray_scott},
           {.name = "local-law", .model = &local_law},
       };
       LERAY_PLUGIN(components)

   With CMake:

       find_package(leray 0.1 REQUIRED)
       add_library(reaction MODULE gray_scott.c local_law.c plugin.c)
       target_link_libraries(reaction PRIVATE leray::leray)

   It is loaded where the user says so: `plugins: [libreaction.so]` in the deck, `--plugin libreaction.so` on
   the command line, or leray_plugin_load in a program (leray/plugin.h). From then on its names stand beside
   those that are built in. A program can also register components that it holds itself, without a file.

   A component must not change while it is registered, which is until the process ends. */
#ifndef LERAY_IMPL_PLUGIN_H
#define LERAY_IMPL_PLUGIN_H

#include <leray/impl/contracts.h>
#include <leray/impl/dataset.h>
#include <leray/impl/loss.h>
#include <leray/impl/model.h>
#include <leray/impl/sampler.h>
#include <leray/impl/solver.h>
#include <leray/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One component: its name in decks (small letters, digits and '-', a letter first; not one that its kind has
   already), and its type, one of the five. A type that has a name itself has the same. */
typedef struct leray_component {
    const char *name;
    const leray_solver_type *solver;
    const leray_model_type *model;
    const leray_loss_type *loss;
    const leray_dataset_type *dataset;
    const leray_sampler_type *sampler;
} leray_component;

typedef struct leray_plugin {
    const char *built_for; /* LERAY_BUILT_FOR; the first member in every version */
    int count;
    const leray_component *component; /* [count] */
} leray_plugin;

/* What a plugin exports: the symbol that leray_plugin_load looks for. */
#define LERAY_PLUGIN(components)                            \
    LERAY_API extern const leray_plugin leray_plugin_entry; \
    const leray_plugin leray_plugin_entry = {               \
        LERAY_BUILT_FOR, (int)(sizeof(components) / sizeof((components)[0])), (components)};

/* Registers all components of a table, or none: for programs that hold components themselves. `source` names
   where they come from, for errors and `leray list`; it and the table must live until the process ends. The
   same table again is no error. Before other threads use the library.
   Errors: UNSUPPORTED (built for other headers), ARG (a name that is taken or not allowed, a component of no
   kind or of two, a type without what its contract requires), MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_plugin_register(const char *source,
                                                             const leray_plugin *plugin);

#ifdef __cplusplus
}
#endif
#endif
