/* Which tool each mouse button has. */
#pragma once

#include "gui/tool.h"

G_BEGIN_DECLS

typedef struct _DkmToolbox DkmToolbox;

DkmToolbox *dkm_toolbox_new(void);
void dkm_toolbox_free(DkmToolbox *box);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmToolbox, dkm_toolbox_free)

/* Borrowed; NULL where BUTTON has none. The left button has what LOOK has armed. */
DkmTool *dkm_toolbox_pick(const DkmToolbox *box, guint button, const DkmLook *look);

G_END_DECLS
