/* core_answers.h - whether the body of a core's answer is one of its type.
 */
#ifndef FUZZ_CORE_ANSWERS_H
#define FUZZ_CORE_ANSWERS_H

#include "wire/audit_log.h"
#include "wire/core_info.h"
#include "wire/evidence_call.h"
#include "wire/mesh_msg.h"
#include "wire/presign_call.h"
#include "wire/reenrol_call.h"

/* type: that of the request. What is not listed is not looked at. */
static inline bool core_answer_decodes(uint8_t type, struct view body)
{
    static union {
        struct hello hello;
        struct core_status status;
        struct core_stats stats;
        struct audit_page page;
        struct audit_log_page log;
        struct presign_list list;
        struct presign_status presign;
        struct evidence_answer evidence;
        struct reenrol_answer reenrol;
        uint8_t hash[ACTIVATION_HASH_LEN];
        uint8_t taken;
        size_t n;
        enum err e;
    } u;
    enum err e = ERR_OK;

    switch (type) {
    case FRAME_HELLO:
        e = hello_decode(body, &u.hello);
        break;
    case FRAME_STATE:
        e = core_status_decode(body, &u.status);
        break;
    case FRAME_STATS:
        e = core_stats_decode(body, &u.stats);
        break;
    case FRAME_ACTIVATE:
        e = activation_answer_decode(body, u.hash);
        break;
    case FRAME_AUDIT:
        e = audit_page_decode(body, &u.page);
        break;
    case FRAME_AUDIT_LOG:
        e = audit_log_page_decode(body, &u.log);
        break;
    case FRAME_EVIDENCE:
        e = evidence_answer_decode(body, &u.evidence);
        break;
    case FRAME_MESH_PUT:
        e = mesh_taken_decode(body, &u.taken);
        break;
    case FRAME_MESH_GET:
        e = mesh_packets_check(body, SIZE_MAX, &u.n);
        break;
    case FRAME_PRESIGN_ORDER:
        e = presign_ordered_decode(body, &u.e);
        e = e == ERR_OK && u.e == ERR_BUG ? ERR_BUG : e;
        break;
    case FRAME_PRESIGN_LIST:
        e = presign_list_decode(body, &u.list);
        break;
    case FRAME_PRESIGN_STATUS:
        e = presign_status_decode(body, &u.presign);
        break;
    case FRAME_REENROL_ORDER:
    case FRAME_REENROL_STEP:
        e = reenrol_answer_decode(body, &u.reenrol);
        break;
    default:
        break;
    }
    return e == ERR_OK;
}

#endif
