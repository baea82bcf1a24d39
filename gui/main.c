/* dkm-viewer [STUDY]: the viewer. */
#include "gui/app.h"
#include "gui/settings.h"

int main(int argc, char **argv)
{
    dkm_settings_take_language();
    g_autoptr(GtkApplication) app = dkm_app_new();
    return g_application_run(G_APPLICATION(app), argc, argv);
}
