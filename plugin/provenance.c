#include "plugin/provenance.h"

#include "core/atomic-file.h"
#include "core/json-value.h"
#include "plugin/options.h"
#include "plugin/phase-options.h"

#include <string.h>

/* What a model file says of itself, where it says it. */
static const char *const model_keys[] = {"preset",  "reading",       "tap",        "fusion",
                                         "data",    "normalisation", "input",      "accepts",
                                         "network", "pixel_mm",      "split_seed", "split_fold"};

char *dkm_provenance_path(const char *seg_path)
{
    const gsize stem = strlen(seg_path) - (g_str_has_suffix(seg_path, ".dcm") ? strlen(".dcm") : 0);
    return g_strdup_printf("%.*s.provenance.json", (int)stem, seg_path);
}

/* As the SEG beside it writes the UID: de-identified where that is. */
static void add_uid(JsonBuilder *json, const char *name, const char *uid)
{
    g_autofree char *written = dkm_dicom_deidentified_uid(uid);
    dkm_json_text(json, name, written);
}

static void begin(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_object(json);
}

static void add_model(const DkmProvenance *p, JsonBuilder *json)
{
    begin(json, "model");
    dkm_json_text(json, "weights_sha256", p->result->weights_sha256);
    for (guint i = 0; i < G_N_ELEMENTS(model_keys); i++) {
        const char *value = dkm_model_meta(p->model, model_keys[i]);
        if (value)
            dkm_json_text(json, model_keys[i], value);
    }
    if (p->result->scales_sha256)
        dkm_json_text(json, "int8_scales_sha256", p->result->scales_sha256);
    json_builder_end_object(json);
}

static void add_run(const DkmProvenance *p, JsonBuilder *json)
{
    const DkmResult *r = p->result;
    begin(json, "run");
    dkm_json_text(json, "device", r->device);
    dkm_json_texts(json, "refused_devices", (const char *const *)r->refused);
    dkm_json_text(json, "precision", r->precision);
    dkm_json_real(json, "seconds", r->seconds);
    dkm_json_real(json, "threshold", (double)r->threshold);
    dkm_json_int(json, "timestep", r->timestep);
    dkm_json_int(json, "noise_seed", (gint64)r->noise_seed);
    dkm_json_int(json, "noise_fields", r->noise_fields);
    dkm_json_real(json, "foreground_mean", r->mean);
    dkm_json_real(json, "foreground_sd", r->sd);
    dkm_json_real(json, "clamped_share", r->clamped_share);
    if (p->voi)
        dkm_json_box(json, "voi_zyx", p->voi);
    else
        dkm_json_text(json, "voi_zyx", NULL);
    json_builder_end_object(json);
}

/* The later phases that went in, by their series and the seconds since the pre-contrast phase. */
static void add_posts(const DkmProvenance *p, JsonBuilder *json)
{
    const DkmPhases *dce = p->session->study->dce;
    const char *const names[] = {"early", "late"};
    guint index[2];
    dkm_phases_find_posts(dce, &index[0], &index[1]);
    for (guint k = 0; k < G_N_ELEMENTS(names); k++) {
        if (!strstr(p->result->phases_used, names[k]))
            continue;
        const DkmPhase *phase = &dce->phases[index[k]];
        begin(json, names[k]);
        dkm_json_int(json, "phase", index[k] + 1);
        dkm_json_real(json, "seconds", phase->t_seconds - dce->phases[0].t_seconds);
        add_uid(json, "series_uid",
                dkm_frame_table_get(p->session->studies->table, phase->frames[0])->series_uid);
        json_builder_end_object(json);
    }
}

static void add_input(const DkmProvenance *p, JsonBuilder *json)
{
    const DkmStudy *study = p->session->study;
    const DkmPhases *dce = study->dce;
    const DkmFrameTable *table = p->session->studies->table;
    begin(json, "input");
    add_uid(json, "study_uid", study->study_uid);
    dkm_json_text(json, "phase", "pre-contrast");
    dkm_json_text(json, "phases_used", p->result->phases_used);
    add_posts(p, json);
    dkm_json_int(json, "phases_in_study", dce->n_phases);
    dkm_json_text(json, "phases_told_by", dce->key);
    dkm_phase_options_record(dce, json);
    add_uid(json, "series_uid", dkm_frame_table_get(table, dce->phases[0].frames[0])->series_uid);
    json_builder_set_member_name(json, "images");
    json_builder_begin_array(json);
    for (int z = 0; z < dce->grid.n[0]; z++) {
        const DkmFrame *frame = dkm_frame_table_get(table, dce->phases[0].frames[z]);
        json_builder_begin_object(json);
        add_uid(json, "sop_instance_uid", frame->sop_instance_uid);
        dkm_json_int(json, "frame", frame->frame + 1);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    dkm_json_sentences(json, "findings", dce->findings);
    dkm_json_sentences(json, "unlike_training", p->gate);
    json_builder_end_object(json);
}

gboolean dkm_provenance_write(const DkmProvenance *p, const char *path, GError **error)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    g_autofree char *sha256 = dkm_mask_sha256(p->result->mask);
    json_builder_begin_object(json);
    dkm_json_text(json, "program", "DKM Workstation");
    dkm_json_text(json, "version", DKM_VERSION);
    dkm_json_text(json, "intended_use", "research use only, not for diagnosis");
    dkm_json_text(json, "review", "unreviewed");
    dkm_json_text(json, "mask_sha256", sha256);
    add_model(p, json);
    add_run(p, json);
    add_input(p, json);
    json_builder_end_object(json);
    g_autofree char *text = dkm_json_to_text(json);
    return dkm_atomic_write(path, text, strlen(text), error);
}
