/* Whose study is on the desk, in the words that every window shows. No widget. */
#pragma once

#include "core/edit/review-case.h"

G_BEGIN_DECLS

/* ON is NULL while no study is open. All are g_free'd. */
char *dkm_identity_name(const DkmReviewCase *on);    /* "Doe, Jane" */
char *dkm_identity_details(const DkmReviewCase *on); /* ID, date, description; NULL: no study */
char *dkm_identity_title(const DkmReviewCase *on);   /* "Doe, Jane, 2001-02-28" */

G_END_DECLS
