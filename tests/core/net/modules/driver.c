/* The library that one of the fakes needs; the test breaks the bond. */
#include <gmodule.h>

G_MODULE_EXPORT int driver(void);

G_MODULE_EXPORT int driver(void)
{
    return 1;
}
