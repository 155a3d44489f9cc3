/* config.h - quorate.conf, read by quorate-front and quorate-authority. INI by libinih,
 * strictly.
 *
 * One table of rows (config_table.c) drives parsing, --check-config, --print-config and the man
 * page. An unknown section or key, a key set twice, a line too long: all are errors with file
 * and line. */
#ifndef HOST_CONFIG_CONFIG_H
#define HOST_CONFIG_CONFIG_H

#include "host/config/ini_file.h"
#include "wire/core_info.h"

#define CONFIG_FILE_MAX 65536 /* bytes of a file */
#define CONFIG_LINE_MAX INI_LINE_MAX
#define CONFIG_TEXT_MAX 512   /* bytes of a value with its zero; the lines of a list together */
#define CONFIG_LINES_MAX 2048 /* bytes of a value that has one item a line, with its zero */
#define CONFIG_NAME_MAX 32    /* bytes of a policy's name with its zero */
#define CONFIG_OID_TEXT_MAX 96 /* bytes of an OID's text with its zero */
#define CONFIG_POLICIES_MAX WIRE_POLICIES_MAX
#define CONFIG_ERROR_MAX INI_ERROR_MAX

enum config_log_format { CONFIG_LOG_TEXT, CONFIG_LOG_JSON }; /* "text|json" */
enum config_sync { CONFIG_SYNC_FULL, CONFIG_SYNC_NORMAL };   /* "full|normal" */
enum config_clock {
    CONFIG_CLOCK_KERNEL,
    CONFIG_CLOCK_TRUST_SYSTEM,
    CONFIG_CLOCK_NTS
}; /* "kernel|trust-system|nts" */
enum config_evidence {
    CONFIG_EVIDENCE_NONE,
    CONFIG_EVIDENCE_CONFIGFS,
    CONFIG_EVIDENCE_SEV_GUEST,
    CONFIG_EVIDENCE_TDX_GUEST,
    CONFIG_EVIDENCE_AZURE,
    CONFIG_EVIDENCE_SIM
}; /* "none|configfs|sev-guest|tdx-guest|azure|sim" */
enum config_profile {
    CONFIG_PROFILE_CLASSIC,
    CONFIG_PROFILE_PQ,
    CONFIG_PROFILE_HYBRID,
    CONFIG_PROFILE_DUAL,
};                                                               /* "classic|pq|hybrid|dual" */
enum config_pq_failure { CONFIG_PQ_REQUIRE, CONFIG_PQ_DEGRADE }; /* "require|degrade" */

struct config_oid {
    char text[CONFIG_OID_TEXT_MAX]; /* "1.3.6..." */
    uint8_t body[WIRE_POLICY_OID_MAX];
    size_t body_len;
};

/* Texts are never NULL; "" stands for absent. */
struct config_front {
    char listen[CONFIG_TEXT_MAX];       /* ADDR:PORT, separated by single spaces */
    char admin[CONFIG_TEXT_MAX];        /* unix:PATH or ADDR:PORT */
    char address_file[CONFIG_TEXT_MAX]; /* the bound addresses are written there; "": nowhere */
    char core[CONFIG_LINES_MAX];        /* endpoint URIs, one for each core */
    char chain[CONFIG_LINES_MAX];       /* of the cores' classic keys */
    char chain_pq[CONFIG_TEXT_MAX];     /* of the pq key */
    char ceremony[CONFIG_TEXT_MAX];     /* record of the ceremony of several cores' pq key */
    char ended[CONFIG_TEXT_MAX];        /* which of its cores have ended; "": not known */
    char proof_dir[CONFIG_TEXT_MAX];    /* where proofs of lies are kept; "": nowhere */
    char recipe[CONFIG_TEXT_MAX];       /* what goes into it as its recipe; "": nothing */
    char bundle[CONFIG_TEXT_MAX];       /* the epoch's bundle, served; "": none */
    char tls_certificate[CONFIG_TEXT_MAX];
    char tls_key[CONFIG_TEXT_MAX];
    char node_id[CONFIG_TEXT_MAX];
    char trusted_proxies[CONFIG_TEXT_MAX]; /* ADDR or ADDR/BITS, separated by single spaces */
    bool admin_on_main;
    bool data_stamping;
    int64_t threads; /* 0: as many as CPUs */
    int64_t deadline_ms;
    int64_t query_max, data_max; /* bytes of a body */
    int64_t connections_max;
    int64_t rate_per_s; /* 0: no limit */
    int64_t rate_burst, rate_table_max;
    int64_t read_timeout_s, drain_timeout_s;
    int64_t log_format; /* enum config_log_format */
    int64_t log_level;  /* enum event_level */
};

struct config_journal {
    char dir[CONFIG_TEXT_MAX];
    char export_dir[CONFIG_TEXT_MAX];
    int64_t synchronous; /* enum config_sync */
    int64_t segment_rows, max_rows, max_age_days;
};

struct config_policy {
    char name[CONFIG_NAME_MAX]; /* [policy NAME] */
    struct config_oid oid;
    int64_t number;  /* what the core knows it by */
    int64_t profile; /* enum config_profile */
    int64_t digits;  /* of genTime's fraction */
    int64_t min_accuracy_ms, max_accuracy_ms;
    bool ordering;            /* tokens come in the order of their genTime */
    bool is_default;          /* exactly one is */
    bool evidence;            /* for archive time-stamps; nobody may ask for it */
    int64_t window_ms, count; /* of an evidence policy: the longest wait, the largest batch */
    int64_t pq_failure;       /* of a hybrid policy: enum config_pq_failure */
    char degrade_policy[CONFIG_TEXT_MAX]; /* its name */
};

struct config_authority {
    char core_program[CONFIG_TEXT_MAX];  /* "": beside this program */
    char front_program[CONFIG_TEXT_MAX]; /* "": beside this program */
    char core_listen[CONFIG_TEXT_MAX];   /* endpoint URI; "": the core= of [front] */
    char certify[CONFIG_TEXT_MAX];       /* command */
    char requests[CONFIG_TEXT_MAX];      /* what it is given is kept there, too; "": nowhere */
    /* Of several cores. */
    int64_t threshold;            /* so many sign together; 0: not said */
    char plan[CONFIG_TEXT_MAX];   /* where the draft of their plan goes; "": people make it */
    char status[CONFIG_TEXT_MAX]; /* what each process is doing is written there; "": nowhere */
    char audit_dir[CONFIG_TEXT_MAX]; /* what cores sign of their events is kept there; "":
                                        nowhere */
    bool allow_unlocked;
    int64_t clock;                               /* enum config_clock */
    int64_t evidence;                            /* enum config_evidence */
    char evidence_collateral[CONFIG_TEXT_MAX];   /* "": none */
    char evidence_certificates[CONFIG_TEXT_MAX]; /* "": those of the host alone */
    char tsm_program[CONFIG_TEXT_MAX];           /* "": beside this program */
    int64_t certify_timeout_s;
    int64_t restart_backoff_ms;
};

/* Of clock = nts: whom the time client of each core asks. */
struct config_time {
    char server[CONFIG_LINES_MAX];       /* NAME,ADDR:PORT,OPERATOR,JURISDICTION, one a line */
    char roughtime[CONFIG_LINES_MAX];    /* ADDR:PORT,KEY, one a line */
    char ca[CONFIG_TEXT_MAX];            /* roots of their chains, PEM */
    char leap_table[CONFIG_TEXT_MAX];    /* leap-seconds.list */
    char timed_program[CONFIG_TEXT_MAX]; /* "": beside this program */
    int64_t poll;                        /* log2 of seconds */
};

/* Of several cores whose P-384 key is threshold: what quorate-mesh has them make. */
struct config_presign {
    int64_t target;                     /* presignatures of each triple that are kept ready */
    bool accelerator;                   /* whether to use it */
    char mesh_program[CONFIG_TEXT_MAX]; /* "": beside quorate-authority */
};

struct config {
    struct config_front front;
    struct config_journal journal;
    struct config_authority authority;
    struct config_time time;
    struct config_presign presign;
    size_t n_policies;
    struct config_policy policies[CONFIG_POLICIES_MAX];
};

/* Parses a whole file. name stands in errors; a relative path in a value is taken from dir. On
 * failure *out is all zero and error says where and why. ERR_NOSPACE: file, line or value too
 * long, too many policies. ERR_ENCODING: no line of an INI file, or a value of another type.
 * ERR_RANGE: a number outside its range. ERR_TYPE: unknown section or key. ERR_STATE: a key set
 * twice or missing, or values that do not go together. */
MUST_CHECK enum err config_parse(struct view in, const char *name, const char *dir,
                                 struct config *out, char error[CONFIG_ERROR_MAX]);

/* Reads the file and parses it, paths taken from its folder (config_io.c). ERR_IO: it cannot be
 * read; else as config_parse(). */
MUST_CHECK enum err config_load(const char *path, struct config *out,
                                char error[CONFIG_ERROR_MAX]);

/* Items of a value that has one a line, such as front.core: how many, and number at from 0; ""
 * behind the last. */
size_t config_items(const char *lines);
void config_item(const char *lines, size_t at, char out[CONFIG_TEXT_MAX]);

/* ---- policies; config_policy.c ---- */

/* "classic", "pq", "hybrid" or "dual" */
const char *config_profile_name(const struct config_policy *p);

/* The key that makes the stamps named by the policy: of a hybrid one the classic key, of a dual
 * one KEY_DUAL. */
enum core_key config_policy_key(const struct config_policy *p);

/* Whether a policy is signed by this key, KEY_CLASSIC or KEY_PQ, or a hybrid one needs it
 * besides. */
bool config_uses_key(const struct config *c, enum core_key key);

/* The evidence policy that goes with a hybrid one, and the policy that it degrades to. NULL:
 * there is none. */
const struct config_policy *config_evidence(const struct config *c,
                                            const struct config_policy *p);
const struct config_policy *config_degraded(const struct config *c,
                                            const struct config_policy *p);

/* What is wrong with the policy beside the others; NULL: nothing. */
const char *config_policy_fault(const struct config *c, const struct config_policy *p);

/* ---- time; config_time.c ---- */

#define CONFIG_SERVERS_LEAST 4
#define CONFIG_JURISDICTIONS_LEAST 2
#define CONFIG_FENCES_MAX 4 /* as many as quorate-timed takes */
#define CONFIG_FENCE_KEY_LEN 32
#define CONFIG_TIME_SUFFIX ".time" /* behind a core's endpoint: that of its time client */
#define CONFIG_TSM_SUFFIX ".tsm"   /* the same of its quorate-tsm */

/* What is wrong with [time] beside the clock; NULL: nothing. which: the key, or the server. */
const char *config_time_fault(const struct config *c, char which[CONFIG_TEXT_MAX]);

/* What is wrong with the cores' places for quorate-tsm; NULL: nothing. */
const char *config_evidence_fault(const struct config *c);

/* Appends the configuration as a file that config_parse() reads to the same values. */
void config_print(const struct config *c, struct writer *w);

/* Appends what every key is: type, range, preset, help; as scdoc, for the man page. */
void config_help(struct writer *w);

#endif
