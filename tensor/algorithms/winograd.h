/* tensor/algorithms/winograd.h - two-dimensional 3 x 3 convolutions with fewer products. Private to tensor/.

   Winograd's F(2 x 2, 3 x 3): the four results of a 2 x 2 tile come from the 4 x 4 points d under it
   and the kernel g by 16 products in place of 36,

       y = a^T [(G g G^T) . (b^T d b)] a,

         b^T = | 1  0 -1  0 |    G = | 1    0    0   |    a^T = | 1  1  1  0 |
               | 0  1  1  0 |        | 1/2  1/2  1/2 |          | 0  1 -1 -1 |
               | 0 -1  1  0 |        | 1/2 -1/2  1/2 |
               | 0  1  0 -1 |        | 0    0    1   |

   with . element by element: over all channels, filters and tiles that is 16 matrix products.
   The gradient of g is G^T [(a gy a^T) . (b^T d b)] G; that of x is the convolution of gy with the
   kernel turned around. All entries are 0, 1 or 1/2: rounding stays that of the direct sum.
   Lavin & Gray 2016, arXiv:1509.09308, section 4.1. */
#ifndef LERAY_TENSOR_WINOGRAD_H
#define LERAY_TENSOR_WINOGRAD_H

#include "tensor/algorithms/conv.h"

/* Whether `down` and `weights` of tensor/algorithms/conv.h can go this way and gain by it; and `up`. */
bool leray_winograd_fits(const leray_conv *conv);
bool leray_winograd_fits_up(const leray_conv *conv);
size_t leray_winograd_scratch(const leray_conv *conv); /* bytes, of those that fit */

/* As in tensor/algorithms/conv.h. */
int leray_winograd_down(const leray_conv *conv, const void *w, const void *bias, const void *x,
                        void *y, bool adds, void *scratch);
int leray_winograd_up(const leray_conv *conv, const void *w, const void *bias, const void *y,
                      void *x, bool adds, void *scratch);
int leray_winograd_weights(const leray_conv *conv, const void *x, const void *y, void *gw,
                           bool adds, void *scratch);

#endif
