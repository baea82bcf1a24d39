/* dkm-viewer [STUDY]: the viewer. */
#include "gui/app.h"

int main(int argc, char **argv)
{
    g_autoptr(GtkApplication) app = dkm_app_new();
    return g_application_run(G_APPLICATION(app), argc, argv);
}
