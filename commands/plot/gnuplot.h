/* commands/plot/gnuplot.h - running gnuplot, and texts in its scripts. Private.

   Titles, labels and names come from data files, decks and paths, so in a script they are only ever texts:
   whatever is put there goes through the two functions below. In gnuplot's single quotes a quote is
   doubled and nothing else has a meaning: no escapes, no macros (@name), no commands in backquotes.
   `noenhanced` keeps braces, ^ and _ as they are. */
#ifndef LERAY_COMMANDS_PLOT_GNUPLOT_H
#define LERAY_COMMANDS_PLOT_GNUPLOT_H

#include "core/text.h"

/* `text` on one line, in quotes. */
void leray_gnuplot_add_text(leray_text *script, const char *text);

/* The file `name`.`ending` of the script's own folder, in quotes. A name that begins with '<' or '|' would be a
   command, and one with '-', '+' or '$' no file; behind "./" they are files. `name` is a checked one. */
void leray_gnuplot_add_file(leray_text *script, const char *name, const char *ending);

/* A name of a picture: not empty, without '/' and control characters, which no quotes could hold. Errors: ARG. */
LERAY_NODISCARD leray_status leray_gnuplot_check_name(const char *name);

/* Runs the script folder/name.gp in its folder. What gnuplot prints is shown where it fails, and otherwise at
   the level of debugging only; without gnuplot, a warning says what to install. Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_gnuplot_run(const char *folder, const char *name);

#endif
