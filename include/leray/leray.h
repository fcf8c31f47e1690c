/* leray/leray.h - everything public. */
#ifndef LERAY_LERAY_H
#define LERAY_LERAY_H
#include <leray/config.h>
#include <leray/frame.h>
#include <leray/grid.h>
#include <leray/model.h>
#include <leray/plugin.h>
#include <leray/run.h>
#include <leray/solver.h>
#include <leray/status.h>
#endif
