/* api/config.c - the public side of decks, and of the process. */
#include "core/config.h"

#include "api/experiment.h"
#include "api/plugin.h"
#include "core/launch.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/provenance.h"
#include <leray/leray.h>

static leray_status complete(leray_config *cfg, int n, const char *const *overrides)
{
    for (int i = 0; i < n; i++) LERAY_TRY(leray_config_override(cfg, overrides[i]));
    LERAY_TRY(leray_plugins_of_deck(cfg));
    return leray_schema_resolve(cfg);
}

leray_status leray_config_open_text(const char *source, const char *text, int n,
                                    const char *const *overrides, leray_config **out)
{
    leray_status status;

    LERAY_TRY(leray_config_parse_text(source, text, out));
    status = complete(*out, n, overrides);
    if (status) leray_config_destroy(out);
    return status;
}

leray_status leray_config_open(const char *path, int n, const char *const *overrides,
                               leray_config **out)
{
    leray_status status;

    LERAY_TRY(leray_config_parse_file(path, out));
    status = complete(*out, n, overrides);
    if (status) leray_config_destroy(out);
    return status;
}

/* After one put: check the deck with it, or take it back. */
static leray_status settle(leray_config *cfg, leray_status put)
{
    leray_status status = put ? put : leray_plugins_of_deck(cfg);

    if (!status) status = leray_schema_resolve(cfg);
    if (!put && status) leray_config_drop_part(cfg);
    return status;
}

leray_status leray_config_set_text(leray_config *cfg, const char *key, const char *value)
{
    return settle(cfg, leray_config_put_text(cfg, key, value));
}

leray_status leray_config_set_int(leray_config *cfg, const char *key, int64_t value)
{
    return settle(cfg, leray_config_put_int(cfg, key, value));
}

leray_status leray_config_set_real(leray_config *cfg, const char *key, double value)
{
    return settle(cfg, leray_config_put_real(cfg, key, value));
}

leray_status leray_config_set_bool(leray_config *cfg, const char *key, int value)
{
    return settle(cfg, leray_config_put_bool(cfg, key, value != 0));
}

leray_status leray_config_set_ints(leray_config *cfg, const char *key, int n, const int *values)
{
    return settle(cfg, leray_config_put_ints(cfg, key, n, values));
}

void leray_text_free(char *text) { leray_mem_free(text); }

void leray_report_free(leray_report *report)
{
    leray_mem_free(report->json);
    leray_mem_free(report->text);
    report->json = report->text = NULL;
}

leray_status leray_start(int argc, const char *const *argv)
{
    leray_provenance_set_command(argc, argv);
    return leray_launch_begin();
}

void leray_finish(void) { leray_launch_end(); }

void leray_set_verbosity(int level)
{
    leray_log_set_level(level <= 0   ? LERAY_LOG_WARN
                        : level == 1 ? LERAY_LOG_INFO
                                     : LERAY_LOG_DEBUG);
}

leray_status leray_solver_create(const char *name, const leray_config *cfg, leray_solver **out)
{
    const leray_registry_entry *entry;

    *out = NULL;
    LERAY_TRY(leray_registry_find(leray_registry_of(LERAY_KIND_OF_SOLVER), name, "", &entry));
    return leray_solver_create_type(entry->type, cfg, "solver", out);
}

leray_status leray_solver_create_on(const void *mpi_comm, const char *name, const leray_config *cfg,
                                    leray_solver **out)
{
    const leray_registry_entry *entry;
    leray_comm *comm;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_registry_find(leray_registry_of(LERAY_KIND_OF_SOLVER), name, "", &entry));
    LERAY_TRY(leray_comm_create(mpi_comm, &comm));
    status =
        leray_comm_agree(comm, leray_solver_create_type_on(comm, entry->type, cfg, "solver", out));
    if (status) leray_solver_destroy(out);
    if (status) leray_comm_destroy(&comm);
    else (*out)->own_comm = comm;
    return status;
}
