/* plugin.c - the list of components in this shared object. */
#include <leray/impl/plugin.h>

extern const leray_solver_type gray_scott_type;
extern const leray_model_type stepper_type;

static const leray_component components[] = {
    {.name = "gray-scott", .solver = &gray_scott_type},
    {.name = "stepper",    .model = &stepper_type    },
};
LERAY_PLUGIN(components)
