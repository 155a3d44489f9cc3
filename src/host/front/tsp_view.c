#include "host/front/tsp_view.h"

#include "format/gen_time.h"
#include "format/tsp_resp.h"
#include "host/front/jout.h"
#include "host/front/tsp_fail.h"

/* RFC 3339, from YYYYMMDDhhmmss[.fff]Z. */
static void put_gen_time(struct jout *j, int64_t gen_time_ms)
{
    static const char before[] = {[4] = '-', [6] = '-', [8] = 'T', [10] = ':', [12] = ':'};
    uint8_t digits[GEN_TIME_TEXT_MAX];
    char text[GEN_TIME_TEXT_MAX + 6];
    const size_t n = gen_time_write(gen_time_ms, digits);
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        if (i < sizeof before && before[i] != '\0') {
            text[at++] = before[i];
        }
        text[at++] = (char)digits[i];
    }
    text[at] = '\0';
    jout_text(j, "gen_time", text);
}

/* What the signatures of both keys tell alike. */
static void put_stamp(const struct stamp *stamp, struct jout *j)
{
    jout_hex(j, "serial_number", (struct view){stamp->serial, STAMP_SERIAL_LEN});
    put_gen_time(j, stamp->gen_time_ms);
    jout_object(j, "accuracy");
    jout_int(j, "seconds", stamp->accuracy_ms / 1000);
    jout_int(j, "millis", stamp->accuracy_ms % 1000);
    jout_int(j, "micros", 0);
    jout_end(j);
}

static void put_archive(const struct archive *a, struct jout *j)
{
    if (a == NULL) {
        jout_null(j, "evidence");
        return;
    }
    jout_object(j, "evidence");
    jout_text(j, "policy", a->policy->oid.text);
    put_stamp(&a->stamp, j);
    jout_end(j);
}

static void put_granted(const struct tsp_view *v, struct jout *j)
{
    const struct coord_job *job = v->job;
    const enum hash_alg alg = (enum hash_alg)job->hash_alg;

    jout_text(j, "status", "granted");
    jout_int(j, "version", 1);
    jout_text(j, "profile", config_profile_name(v->policy));
    jout_text(j, "policy", v->policy->oid.text);
    jout_object(j, "message_imprint");
    jout_text(j, "hash_algorithm", hash_name(alg));
    jout_hex(j, "hashed_message", (struct view){job->hashed_message, hash_len(alg)});
    jout_end(j);
    put_stamp(&job->stamp, j);
    jout_bool(j, "ordering", job->rule.ordering);
    if (job->nonce_len > 0) {
        jout_hex(j, "nonce", (struct view){job->nonce, job->nonce_len});
    } else {
        jout_null(j, "nonce");
    }
    jout_null(j, "tsa");
    jout_null(j, "extensions");
    jout_hex(j, "signature", (struct view){job->signature, job->signature_len});
    put_archive(v->archive, j);
    jout_base64(j, "token", v->token);
}

size_t tsp_view_max(size_t n)
{
    return TSP_VIEW_FRAME_MAX + (n + 2) / 3 * 4;
}

void tsp_view_write(const struct tsp_view *v, struct writer *w)
{
    struct jout j = jout_begin(w);

    if (v->err == ERR_OK) {
        put_granted(v, &j);
    } else {
        const struct tsp_fail *f = tsp_fail_of(v->err);

        jout_text(&j, "status", "rejection");
        jout_text(&j, "fail_info", tsp_resp_fail_name(f->fail_info));
        jout_text(&j, "status_string", f->text);
        jout_null(&j, "token");
    }
    jout_end(&j);
    wr_u8(w, '\n');
}
