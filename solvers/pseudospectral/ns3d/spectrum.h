/* solvers/pseudospectral/ns3d/spectrum.h - energy spectra E(k) that initial fields are given. Private. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_NS3D_SPECTRUM_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_NS3D_SPECTRUM_H

#include "data/spectrum_file.h"

enum { NS3D_PASSOT_POUQUET, NS3D_COMTE_BELLOT_CORRSIN, NS3D_SPECTRUM_FILE };
extern const char *const ns3d_spectrum_names[];
extern const char *const ns3d_station_names[]; /* "42", "98", "171" */

/* E(k) = 16 sqrt(2/pi) u^2/k0 (k/k0)^4 exp(-2 (k/k0)^2), whose integral is 3 u^2/2 (T. Passot,
   A. Pouquet, J. Fluid Mech. 181 (1987) 441). */
double ns3d_passot_pouquet(double u, double k0, double k);

/* The measured spectrum at station 0, 1, 2 (t U0/M = 42, 98, 171), without units: lengths in L/(2 pi),
   velocities in sqrt(3/2) u'. See comte_bellot_corrsin.c. Errors: MEMORY. */
LERAY_NODISCARD leray_status ns3d_comte_bellot_corrsin(leray_spectrum_file *spectrum, int station);

/* Between its rows as leray_spectrum_file_at has it; below the first it goes on with the power of k
   of the first two, since a box is larger than what a table begins with; 0 above the last. */
double ns3d_spectrum_at(const leray_spectrum_file *spectrum, double k);

#endif
