/* commands/list.c - leray_list: kinds, components, keys; all from the registries and their tables. */
#include "commands/refinement.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/number.h"
#include "core/text.h"
#include "solvers/run/run.h"
#include <leray/run.h>

#include <stdio.h>
#include <string.h>

/* Sections that are not components: name for `leray list`, place in a deck, what for, table. */
typedef struct plain_section {
    const char *name, *place, *summary;
    const leray_keys *keys, *more; /* more: NULL: none */
} plain_section;

static const plain_section sections[] = {
    {"run",        "",                  "keys at the top of a deck",                                  &leray_run_keys,      NULL                      },
    {"ensemble",   "ensemble",          "which simulations run, and when they give frames",
     &leray_ensemble_keys,                                                                                                  NULL                      },
    {"range",      "parameters.<name>", "section parameters.<name>: how a parameter varies",
     &leray_range_keys,                                                                                                     NULL                      },
    {"state",      "output.state",      "section output.state: states from which a run can continue",
     &leray_state_keys,                                                                                                     NULL                      },
    {"statistics", "output.statistics", "section output.statistics: statistics.csv",
     &leray_statistics_keys,                                                                                                NULL                      },
    {"restart",    "restart",           "to begin from the state of another run",                     &leray_restart_keys,  NULL                      },
    {"history",    "reservoir",         "section reservoir: what a sample is",                        &leray_history_keys,  NULL                      },
    {"task",       "task",              "how samples are converted to a model's input and output",    &leray_task_keys,
     NULL                                                                                                                                             },
    {"train",      "train",             "the training loop",                                          &leray_train_keys,    NULL                      },
    {"validation", "validation",        "held-out simulations on which an online run is measured",
     &leray_validation_keys,                                                                                                NULL                      },
    {"refine",     "refine",
     "leray refine: how predicted frames are corrected until they satisfy the equation",              &leray_refine_keys,   &leray_refine_command_keys},
    {"certify",    "certify",           "leray refine and leray forecast: the estimate of the error",
     &leray_certify_keys,                                                                                                   &leray_tolerance_keys     },
    {"forecast",   "forecast",          "leray forecast: how a model is rolled out",                  &leray_forecast_keys,
     NULL                                                                                                                                             },
    {"start",      "data",              "section data of leray refine and leray forecast",            &leray_start_keys,    NULL                      },
};
#define N_SECTIONS ((int)(sizeof sections / sizeof sections[0]))

static leray_status choices_to_json(const leray_key *key, leray_json *row)
{
    leray_json *list;
    leray_status status;

    if (key->kind != LERAY_KIND_CHOICE) return LERAY_OK;
    status = leray_json_array(&list);
    for (int i = 0; !status && key->choices[i]; i++)
        status = leray_json_set_text(list, NULL, key->choices[i]);
    if (!status) return leray_json_set(row, "choices", &list);
    leray_json_destroy(&list);
    return status;
}

/* Whose rows they are, in the list of all. */
typedef struct owner {
    const char *kind, *component; /* component: NULL: none */
    const char *section;          /* of a deck */
} owner;

static leray_status owner_to_json(const owner *own, leray_json *row)
{
    if (!own) return LERAY_OK;
    LERAY_TRY(leray_json_set_text(row, "kind", own->kind));
    if (own->component) LERAY_TRY(leray_json_set_text(row, "component", own->component));
    return leray_json_set_text(row, "section", own->section);
}

static leray_status key_to_json(const leray_key *key, const owner *own, leray_json *list)
{
    static const char *const kinds[] = {"integer", "real",     "boolean", "text",
                                        "choice",  "integers", "reals",   "texts"};
    leray_json *row;
    leray_status status;

    LERAY_TRY(leray_json_object(&row));
    status = owner_to_json(own, row);
    if (!status) status = leray_json_set_text(row, own ? "key" : "name", key->name);
    if (!status) status = leray_json_set_text(row, own ? "type" : "kind", kinds[key->kind]);
    if (!status && key->fallback) status = leray_json_set_text(row, "default", key->fallback);
    if (!status) status = choices_to_json(key, row);
    if (!status && key->min < key->max) status = leray_json_set_real(row, "min", key->min);
    if (!status && key->min < key->max) status = leray_json_set_real(row, "max", key->max);
    if (!status) status = leray_json_set_text(row, "unit", key->unit);
    if (!status) status = leray_json_set_bool(row, "parameter", key->parameter);
    if (!status) status = leray_json_set_text(row, "help", key->help);
    if (status) leray_json_destroy(&row);
    return status ? status : leray_json_set(list, NULL, &row);
}

static void range_of(const leray_key *key, char out[160])
{
    size_t used = 0;

    out[0] = '\0';
    if (key->kind == LERAY_KIND_CHOICE)
        for (int i = 0; key->choices[i] && used < 150; i++)
            used +=
                (size_t)snprintf(out + used, 160 - used, "%s%s", i ? " | " : "", key->choices[i]);
    else if (key->kind == LERAY_KIND_BOOL) snprintf(out, 160, "true | false");
    else if (key->kind != LERAY_KIND_TEXT && key->min < key->max)
        leray_print(out, 160, "%.6g .. %.6g", key->min, key->max);
}

static leray_status add_keys(leray_keys keys, const owner *own, leray_text *text, leray_json *list)
{
    for (int k = 0; k < keys.count; k++) {
        const leray_key *key = &keys.row[k];
        char range[160];

        range_of(key, range);
        leray_text_add(text, "  %-22s %-12s %-28s %s%s%s%s%s\n", key->name,
                       key->fallback ? *key->fallback ? key->fallback : "\"\"" : "(required)",
                       range, key->help, *key->unit && strcmp(key->unit, "1") != 0 ? " [" : "",
                       strcmp(key->unit, "1") != 0 ? key->unit : "",
                       *key->unit && strcmp(key->unit, "1") != 0 ? "]" : "",
                       key->parameter ? " (may vary over an ensemble)" : "");
        LERAY_TRY(key_to_json(key, own, list));
    }
    return LERAY_OK;
}

/* plugin: where it comes from; NULL: built in */
static leray_status add_row(const char *name, const char *summary, const char *plugin,
                            leray_text *text, leray_json *list)
{
    leray_json *row;
    leray_status status;

    leray_text_add(text, "  %-18s %s%s%s%s\n", name, summary, plugin ? " (" : "",
                   plugin ? plugin : "", plugin ? ")" : "");
    LERAY_TRY(leray_json_object(&row));
    status = leray_json_set_text(row, "name", name);
    if (!status) status = leray_json_set_text(row, "summary", summary);
    if (!status && plugin) status = leray_json_set_text(row, "plugin", plugin);
    if (status) leray_json_destroy(&row);
    return status ? status : leray_json_set(list, NULL, &row);
}

/* "solver" and "solvers" alike. */
static bool same_kind(const char *kind, const char *word)
{
    size_t n = strlen(kind);

    if (strcmp(kind, "loss") == 0 && strcmp(word, "losses") == 0) return true;
    return strncmp(kind, word, n) == 0 && (word[n] == '\0' || strcmp(word + n, "s") == 0);
}

static void plural_of(const leray_registry *r, char out[80])
{
    snprintf(out, 80, "%ss", strcmp(r->kind, "loss") == 0 ? "losse" : r->kind);
}

static leray_status list_kinds(leray_text *text, leray_json *list)
{
    char plural[80];

    leray_text_add(text, "components (leray list KIND):\n");
    for (int k = 0; k < LERAY_N_KINDS; k++) {
        const leray_registry *r = leray_registry_of(k);

        plural_of(r, plural);
        LERAY_TRY(add_row(plural, r->help, NULL, text, list));
    }
    leray_text_add(text, "sections of a deck (leray list NAME):\n");
    for (int i = 0; i < N_SECTIONS; i++)
        LERAY_TRY(add_row(sections[i].name, sections[i].summary, NULL, text, list));
    return LERAY_OK;
}

static leray_status list_component(const leray_registry *r, const char *name, leray_text *text,
                                   leray_json *list)
{
    const leray_registry_entry *entry;
    char section[96];

    LERAY_TRY(leray_registry_find(r, name, "", &entry));
    leray_registry_section(r, entry, section);
    leray_text_add(text, "%s '%s': %s\nkeys of section '%s':\n", r->kind, name,
                   leray_registry_summary(r, entry), section);
    if (r->common) LERAY_TRY(add_keys(*r->common, NULL, text, list));
    return add_keys(leray_registry_keys(r, entry), NULL, text, list);
}

static leray_status list_one(const char *kind, const char *name, leray_text *text, leray_json *list)
{
    for (int k = 0; k < LERAY_N_KINDS; k++) {
        const leray_registry *r = leray_registry_of(k);
        char known[64];

        if (!same_kind(r->kind, kind)) continue;
        if (name) return list_component(r, name, text, list);
        for (const leray_registry_entry *e = NULL; (e = leray_registry_next(r, e));) {
            leray_registry_name(e, known);
            LERAY_TRY(add_row(known, leray_registry_summary(r, e), e->plugin, text, list));
        }
        return LERAY_OK;
    }
    for (int i = 0; i < N_SECTIONS; i++) {
        if (strcmp(sections[i].name, kind) != 0) continue;
        LERAY_TRY(add_keys(*sections[i].keys, NULL, text, list));
        return sections[i].more ? add_keys(*sections[i].more, NULL, text, list) : LERAY_OK;
    }
    LERAY_FAIL(LERAY_ERR_NOT_FOUND,
               "no kind of component and no section named '%s'; see leray list", kind);
}

/* ---- all of it, for programs ------------------------------------------------------------- */

/* A kind, a component or a section, ahead of its keys. */
static leray_status add_owner(const owner *own, const char *summary, leray_text *text,
                              leray_json *list)
{
    leray_json *row;
    leray_status status;

    leray_text_add(text, own->component ? "\n%s %s: %s\n" : "\n%s%s: %s\n", own->kind,
                   own->component ? own->component : "", summary);
    LERAY_TRY(leray_json_object(&row));
    status = owner_to_json(own, row);
    if (!status) status = leray_json_set_text(row, "summary", summary);
    if (status) leray_json_destroy(&row);
    return status ? status : leray_json_set(list, NULL, &row);
}

static leray_status add_kind(const leray_registry *r, leray_text *text, leray_json *list)
{
    char plural[80];

    plural_of(r, plural);
    LERAY_TRY(add_owner(&(owner){plural, NULL, ""}, r->help, text, list));
    for (const leray_registry_entry *entry = NULL; (entry = leray_registry_next(r, entry));) {
        char name[64], section[96];
        owner own = {plural, name, section};

        leray_registry_name(entry, name);
        leray_registry_section(r, entry, section);
        LERAY_TRY(add_owner(&own, leray_registry_summary(r, entry), text, list));
        if (r->common) LERAY_TRY(add_keys(*r->common, &own, text, list));
        LERAY_TRY(add_keys(leray_registry_keys(r, entry), &own, text, list));
    }
    return LERAY_OK;
}

static leray_status list_all(leray_text *text, leray_json *list)
{
    for (int k = 0; k < LERAY_N_KINDS; k++) LERAY_TRY(add_kind(leray_registry_of(k), text, list));
    for (int i = 0; i < N_SECTIONS; i++) {
        owner own = {sections[i].name, NULL, sections[i].place};

        LERAY_TRY(add_owner(&own, sections[i].summary, text, list));
        LERAY_TRY(add_keys(*sections[i].keys, &own, text, list));
        if (sections[i].more) LERAY_TRY(add_keys(*sections[i].more, &own, text, list));
    }
    return LERAY_OK;
}

leray_status leray_list(const char *kind, const char *name, leray_report *report)
{
    leray_text text = {0};
    leray_json *list;
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(leray_json_array(&list));
    if (!kind) status = list_kinds(&text, list);
    else if (strcmp(kind, "all") == 0 && !name) status = list_all(&text, list);
    else status = list_one(kind, name, &text, list);
    if (!status) status = leray_json_text(list, 2, &report->json);
    leray_json_destroy(&list);
    if (!status) return leray_text_finish(&text, &report->text);
    leray_mem_free(text.data);
    leray_report_free(report);
    return status;
}
