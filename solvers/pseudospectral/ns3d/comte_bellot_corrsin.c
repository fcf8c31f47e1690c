/* solvers/pseudospectral/ns3d/comte_bellot_corrsin.c - the spectra of decaying grid turbulence that G. Comte-Bellot and
   S. Corrsin measured (J. Fluid Mech. 48 (1971) 273, table 3): mesh M = 5.08 cm, U0 = 1000 cm/s,
   nu = 0.15 cm^2/s; k in 1/cm, E in cm^3/s^2, at t U0/M = 42, 98, 171; 0 where there is no entry.

   Without units, as decks have them: a box of L = 10.8 M is 2 pi long, and velocities are in
   sqrt(3/2) u' of the first station, u' = 22.2 cm/s. So

       length    L/(2 pi)                      8.7319 cm
       velocity  sqrt(3/2) u'                  27.189 cm/s, so that <|u|^2>/2 = 1 of the measured u'
       time      the quotient                  0.32115 s: the stations are at 0, 0.8858 and 2.0405
                                               after the first (0.21336, 0.49784, 0.86868 s)
       nu        0.15 cm^2/s                   6.3181e-4

   The tables' own integrals are 5 % above 1.5 u'^2 at the first station. */
#include "core/mem.h"
#include "solvers/pseudospectral/ns3d/spectrum.h"

#include <math.h>

#define MESH 5.08
#define BOX (10.8 * MESH)
#define RMS 22.2

const char *const ns3d_station_names[] = {"42", "98", "171", NULL};

static const double table[][4] = {
    {0.15, 0,    0,     49.7  },
    {0.20, 129,  106,   92.0  },
    {0.25, 230,  196,   120   },
    {0.30, 322,  195,   125   },
    {0.40, 435,  202,   98.0  },
    {0.50, 457,  168,   81.5  },
    {0.70, 380,  127,   60.2  },
    {1.00, 270,  79.2,  39.4  },
    {1.50, 168,  47.8,  24.1  },
    {2.00, 120,  34.6,  16.5  },
    {2.50, 89.0, 28.6,  12.5  },
    {3.00, 70.3, 23.1,  9.12  },
    {4.00, 47.0, 14.3,  5.62  },
    {6.00, 24.7, 5.95,  1.69  },
    {8.00, 12.6, 2.23,  0.520 },
    {10.0, 7.42, 0.900, 0.161 },
    {12.5, 3.96, 0.363, 0.052 },
    {15.0, 2.33, 0.162, 0.0141},
    {17.5, 1.34, 0.066, 0     },
    {20.0, 0.80, 0.033, 0     },
};
#define ROWS (sizeof table / sizeof table[0])

leray_status ns3d_comte_bellot_corrsin(leray_spectrum_file *spectrum, int station)
{
    double length = BOX / 6.283185307179586477, velocity = sqrt(1.5) * RMS;

    spectrum->count = 0;
    LERAY_TRY(LERAY_ALLOC(&spectrum->k, ROWS));
    LERAY_TRY(LERAY_ALLOC(&spectrum->energy, ROWS));
    for (size_t i = 0; i < ROWS; i++) {
        double e = table[i][1 + station];

        if (e == 0) continue;
        spectrum->k[spectrum->count] = table[i][0] * length;
        spectrum->energy[spectrum->count++] = e / (velocity * velocity * length);
    }
    return LERAY_OK;
}
