#include "host/config/config_table.h"

#include "wire/plan.h"

#define AT_FRONT(field) offsetof(struct config_front, field)
#define AT_JOURNAL(field) offsetof(struct config_journal, field)
#define AT_POLICY(field) offsetof(struct config_policy, field)
#define AT_AUTHORITY(field) offsetof(struct config_authority, field)
#define AT_TIME(field) offsetof(struct config_time, field)
#define AT_PRESIGN(field) offsetof(struct config_presign, field)

const struct config_row config_rows[CONFIG_ROWS] = {
    {CONFIG_FRONT, "listen", CONFIG_LIST, 0, 0, NULL, "127.0.0.1:3161",
     "Addresses to serve on, ADDR:PORT, IPv6 in brackets. Not changed by a reload.",
     AT_FRONT(listen)},
    {CONFIG_FRONT, "admin", CONFIG_ENDPOINT, 0, 0, NULL, "",
     "Where /metrics, /status and /time.json are served: unix:PATH or ADDR:PORT. Empty: "
     "nowhere. Not changed by a reload.",
     AT_FRONT(admin)},
    {CONFIG_FRONT, "admin_on_main", CONFIG_BOOL, 0, 0, NULL, "no",
     "Serve /metrics, /status and /time.json on the main addresses too. For development.",
     AT_FRONT(admin_on_main)},
    {CONFIG_FRONT, "address_file", CONFIG_PATH, 0, 0, NULL, "",
     "File into which the addresses really bound are written, one a line: what port 0 became.",
     AT_FRONT(address_file)},
    {CONFIG_FRONT, "core", CONFIG_ENDPOINTS, 0, 0, NULL, NULL,
     "Where the core listens: unix:PATH, tcp:ADDR:PORT or vsock:CID:PORT. With a ceremony once "
     "for each core, on a line of its own, in any order. After a reload others take over as "
     "soon as they serve: quorate-front(8).",
     AT_FRONT(core)},
    {CONFIG_FRONT, "chain", CONFIG_PATHS, 0, 0, NULL, NULL,
     "Certificate chain of the core's key in PEM: its own first, then each issuer up to the "
     "root. With a ceremony once for each core, in any order.",
     AT_FRONT(chain)},
    {CONFIG_FRONT, "ceremony", CONFIG_PATH, 0, 0, NULL, "",
     "Record of the ceremony in which several cores made their ML-DSA-65 key together. Empty: "
     "there is one core, and it signs alone.",
     AT_FRONT(ceremony)},
    {CONFIG_FRONT, "ended", CONFIG_PATH, 0, 0, NULL, "",
     "File in which the supervisor of the cores keeps which of them have ended; every front "
     "that "
     "uses them reads it, again and again. Empty: a front knows what it sees itself.",
     AT_FRONT(ended)},
    {CONFIG_FRONT, "proof_dir", CONFIG_PATH, 0, 0, NULL, "",
     "Folder in which the proof is kept when a core is caught at a lie. Empty: nowhere; the "
     "log "
     "names the core all the same.",
     AT_FRONT(proof_dir)},
    {CONFIG_FRONT, "bundle", CONFIG_PATH, 0, 0, NULL, "",
     "File that shows the epoch to relying parties, written by the supervisor after a ceremony "
     "of attested nodes and served at /bundle. What is there before is the bundle of the "
     "epoch that this one follows, and goes into it. Empty: there is none.",
     AT_FRONT(bundle)},
    {CONFIG_FRONT, "recipe", CONFIG_PATH, 0, 0, NULL, "",
     "Recipe of the measurement, as quorate measure --recipe writes it, which the supervisor "
     "puts into the bundle. Empty: none.",
     AT_FRONT(recipe)},
    {CONFIG_FRONT, "chain_pq", CONFIG_PATH, 0, 0, NULL, "",
     "The same of the core's ML-DSA-65 key. Needed by policies of profile pq, hybrid and dual.",
     AT_FRONT(chain_pq)},
    {CONFIG_FRONT, "tls_certificate", CONFIG_PATH, 0, 0, NULL, "",
     "Certificate chain of the HTTPS server in PEM. Empty: plain HTTP. Read again by a reload.",
     AT_FRONT(tls_certificate)},
    {CONFIG_FRONT, "tls_key", CONFIG_PATH, 0, 0, NULL, "",
     "Private key of the HTTPS server in PEM. Read again by a reload.", AT_FRONT(tls_key)},
    {CONFIG_FRONT, "node_id", CONFIG_TEXT, 0, 0, NULL, "",
     "Name of this node in /health and /status. Empty: the host's name.", AT_FRONT(node_id)},
    {CONFIG_FRONT, "threads", CONFIG_NUMBER, 0, 64, NULL, "0",
     "HTTP threads. 0: as many as CPUs. Not changed by a reload.", AT_FRONT(threads)},
    {CONFIG_FRONT, "deadline_ms", CONFIG_NUMBER, 10, 60000, NULL, "2000",
     "After so long a request is answered with systemFailure.", AT_FRONT(deadline_ms)},
    {CONFIG_FRONT, "query_max", CONFIG_NUMBER, 1024, 1048576, NULL, "65536",
     "Bytes of the largest query that is read; more: 413.", AT_FRONT(query_max)},
    {CONFIG_FRONT, "data_stamping", CONFIG_BOOL, 0, 0, NULL, "no",
     "Hash and stamp whatever is posted to /tsa with another media type.",
     AT_FRONT(data_stamping)},
    {CONFIG_FRONT, "data_max", CONFIG_NUMBER, 1024, 1099511627776, NULL, "67108864",
     "Bytes of the largest data that is hashed; more: 413.", AT_FRONT(data_max)},
    {CONFIG_FRONT, "connections_max", CONFIG_NUMBER, 1, 60000, NULL, "4096",
     "Connections at once; further ones wait. Not changed by a reload.",
     AT_FRONT(connections_max)},
    {CONFIG_FRONT, "rate_per_s", CONFIG_NUMBER, 0, 1000000, NULL, "0",
     "Requests a second from one address (IPv6: one /64); more: 429. 0: no limit.",
     AT_FRONT(rate_per_s)},
    {CONFIG_FRONT, "rate_burst", CONFIG_NUMBER, 1, 1000000, NULL, "100",
     "Requests that an address may send at once before rate_per_s counts.",
     AT_FRONT(rate_burst)},
    {CONFIG_FRONT, "rate_table_max", CONFIG_NUMBER, 16, 1048576, NULL, "16384",
     "Addresses remembered; when full, the one unused for longest is forgotten. Not changed by "
     "a "
     "reload.",
     AT_FRONT(rate_table_max)},
    {CONFIG_FRONT, "trusted_proxies", CONFIG_LIST, 0, 0, NULL, "",
     "Addresses or networks (ADDR/BITS) whose X-Forwarded-For names the client.",
     AT_FRONT(trusted_proxies)},
    {CONFIG_FRONT, "read_timeout_s", CONFIG_NUMBER, 1, 3600, NULL, "30",
     "A connection on which nothing moves for so long, either way, is closed.",
     AT_FRONT(read_timeout_s)},
    {CONFIG_FRONT, "drain_timeout_s", CONFIG_NUMBER, 1, 3600, NULL, "10",
     "How long a stopping front waits for requests under way.", AT_FRONT(drain_timeout_s)},
    {CONFIG_FRONT, "log_format", CONFIG_CHOICE, 0, 0, "text|json", "text",
     "Form of the log on stderr. Not changed by a reload.", AT_FRONT(log_format)},
    {CONFIG_FRONT, "log_level", CONFIG_CHOICE, 0, 0, "debug|info|warn|error", "info",
     "Least level that is logged. Granted requests are logged at debug. Not changed by a "
     "reload.",
     AT_FRONT(log_level)},

    {CONFIG_JOURNAL, "dir", CONFIG_PATH, 0, 0, NULL, NULL,
     "Folder of the journal of issued tokens. Nothing in [journal] is changed by a reload.",
     AT_JOURNAL(dir)},
    {CONFIG_JOURNAL, "export_dir", CONFIG_PATH, 0, 0, NULL, "",
     "Where segments over the limits are moved, on the same file system. Empty: exported/ in "
     "dir.",
     AT_JOURNAL(export_dir)},
    {CONFIG_JOURNAL, "synchronous", CONFIG_CHOICE, 0, 0, "full|normal", "full",
     "full: a token is answered only when a power cut cannot lose its row.",
     AT_JOURNAL(synchronous)},
    {CONFIG_JOURNAL, "segment_rows", CONFIG_NUMBER, 100, 100000000, NULL, "1000000",
     "Rows of a segment before the next is begun.", AT_JOURNAL(segment_rows)},
    {CONFIG_JOURNAL, "max_rows", CONFIG_NUMBER, 100, 10000000000, NULL, "10000000",
     "Rows kept; beyond, the oldest complete segment is exported.", AT_JOURNAL(max_rows)},
    {CONFIG_JOURNAL, "max_age_days", CONFIG_NUMBER, 1, 36500, NULL, "365",
     "Age at which a complete segment is exported.", AT_JOURNAL(max_age_days)},

    {CONFIG_POLICY, "oid", CONFIG_OID, 0, 0, NULL, NULL,
     "OID of the policy, from your own arc.", AT_POLICY(oid)},
    {CONFIG_POLICY, "number", CONFIG_NUMBER, 1, 255, NULL, NULL,
     "The number by which the core knows the policy.", AT_POLICY(number)},
    {CONFIG_POLICY, "profile", CONFIG_CHOICE, 0, 0, "classic|pq|hybrid|dual", "classic",
     "Kind of token. classic: ECDSA P-384 with SHA-384. pq: ML-DSA-65. hybrid: a classic token "
     "that carries an evidence record signed with ML-DSA-65; needs an evidence policy of as "
     "many digits. dual: two signatures, P-384 and ML-DSA-65, in one token; openssl ts and "
     "many "
     "others refuse it.",
     AT_POLICY(profile)},
    {CONFIG_POLICY, "digits", CONFIG_NUMBER, 0, 3, NULL, "3",
     "Digits of genTime's fraction of a second.", AT_POLICY(digits)},
    {CONFIG_POLICY, "min_accuracy_ms", CONFIG_NUMBER, 1, 60000, NULL, "100",
     "A token never claims to be more accurate.", AT_POLICY(min_accuracy_ms)},
    {CONFIG_POLICY, "max_accuracy_ms", CONFIG_NUMBER, 1, 60000, NULL, "1000",
     "No token is issued while the clock is less accurate.", AT_POLICY(max_accuracy_ms)},
    {CONFIG_POLICY, "ordering", CONFIG_BOOL, 0, 0, NULL, "no",
     "Whether its tokens can be ordered by genTime whatever their accuracy: each gets a later "
     "one "
     "than all before, so there is at most one in a unit of genTime. Of several cores so many "
     "must "
     "sign that any two quorums share more cores than may be bad: 4 of 5; others do not start.",
     AT_POLICY(ordering)},
    {CONFIG_POLICY, "default", CONFIG_BOOL, 0, 0, NULL, "no",
     "Whether requests that name no policy get this one. A single policy always is.",
     AT_POLICY(is_default)},
    {CONFIG_POLICY, "evidence", CONFIG_BOOL, 0, 0, NULL, "no",
     "Whether the policy is the one of the archive time-stamps inside of hybrid tokens: of "
     "profile pq, and refused to whoever asks for it.",
     AT_POLICY(evidence)},
    {CONFIG_POLICY, "window_ms", CONFIG_NUMBER, 0, 60000, NULL, "50",
     "Of an evidence policy: a token that has waited so long for the ML-DSA key does not wait "
     "for the batch under way any more. An idle key signs at once what has arrived.",
     AT_POLICY(window_ms)},
    {CONFIG_POLICY, "count", CONFIG_NUMBER, 1, 4096, NULL, "4096",
     "Of an evidence policy: tokens in one batch at most. So many do not wait, either.",
     AT_POLICY(count)},
    {CONFIG_POLICY, "pq_failure", CONFIG_CHOICE, 0, 0, "require|degrade", "require",
     "Of a hybrid policy, when its ML-DSA part fails. require: the request is rejected with "
     "systemFailure. degrade: it is stamped again under degrade_policy; but a request that "
     "names the hybrid policy is rejected.",
     AT_POLICY(pq_failure)},
    {CONFIG_POLICY, "degrade_policy", CONFIG_TEXT, 0, 0, NULL, "",
     "Name of the policy, of profile classic, for pq_failure = degrade.",
     AT_POLICY(degrade_policy)},

    {CONFIG_AUTHORITY, "core_program", CONFIG_PATH, 0, 0, NULL, "",
     "quorate-core. Empty: the one beside quorate-authority.", AT_AUTHORITY(core_program)},
    {CONFIG_AUTHORITY, "front_program", CONFIG_PATH, 0, 0, NULL, "",
     "quorate-front. Empty: the one beside quorate-authority.", AT_AUTHORITY(front_program)},
    {CONFIG_AUTHORITY, "core_listen", CONFIG_ENDPOINT, 0, 0, NULL, "",
     "Where the core is told to listen. Empty: the core of [front].",
     AT_AUTHORITY(core_listen)},
    {CONFIG_AUTHORITY, "clock", CONFIG_CHOICE, 0, 0, "kernel|trust-system|nts", "kernel",
     "kernel: the kernel's bound is the accuracy, and without synchronisation nothing is "
     "signed. "
     "trust-system: the system clock is believed; untrusted, for development. nts: each core "
     "keeps time by servers that its own time client asks, as [time] says.",
     AT_AUTHORITY(clock)},
    {CONFIG_AUTHORITY, "evidence", CONFIG_CHOICE, 0, 0,
     "none|configfs|sev-guest|tdx-guest|azure|sim", "none",
     "How a quorate-tsm beside each core asks the machine for evidence of what runs there, see "
     "quorate-tsm(1). sim: simulated silicon, which proves nothing; for development. none: the "
     "cores have no evidence.",
     AT_AUTHORITY(evidence)},
    {CONFIG_AUTHORITY, "evidence_certificates", CONFIG_PATH, 0, 0, NULL, "",
     "Table of certificates for what the host does not give with a report. Empty: none.",
     AT_AUTHORITY(evidence_certificates)},
    {CONFIG_AUTHORITY, "evidence_collateral", CONFIG_PATH, 0, 0, NULL, "",
     "Folder of what Intel says of a TDX platform, which its operator keeps up to date, see "
     "quorate-tsm(1). Empty: none.",
     AT_AUTHORITY(evidence_collateral)},
    {CONFIG_AUTHORITY, "tsm_program", CONFIG_PATH, 0, 0, NULL, "",
     "quorate-tsm. Empty: the one beside quorate-authority.", AT_AUTHORITY(tsm_program)},
    {CONFIG_AUTHORITY, "allow_unlocked", CONFIG_BOOL, 0, 0, NULL, "no",
     "Let the core run where memory cannot be locked. For development.",
     AT_AUTHORITY(allow_unlocked)},
    {CONFIG_AUTHORITY, "certify", CONFIG_TEXT, 0, 0, NULL, "",
     "Command that certifies new keys: requests (PKCS#10, PEM) on stdin, chains (PEM) on "
     "stdout.",
     AT_AUTHORITY(certify)},
    {CONFIG_AUTHORITY, "requests", CONFIG_PATH, 0, 0, NULL, "",
     "File in which the supervisor keeps those requests while their chains are awaited, for a "
     "CA "
     "outside, see quorate-csr(1). Empty: nowhere.",
     AT_AUTHORITY(requests)},
    {CONFIG_AUTHORITY, "threshold", CONFIG_NUMBER, 0, PLAN_NODES_MAX, NULL, "0",
     "Of several cores: how many of them sign together. Needed with a ceremony.",
     AT_AUTHORITY(threshold)},
    {CONFIG_AUTHORITY, "plan", CONFIG_PATH, 0, 0, NULL, "",
     "Of several cores: the supervisor drafts the plan of their ceremony from what answers, "
     "writes "
     "it there and runs it; nobody compares identities. For development. Empty: it waits until "
     "people have run quorate ceremony run.",
     AT_AUTHORITY(plan)},
    {CONFIG_AUTHORITY, "status", CONFIG_PATH, 0, 0, NULL, "",
     "Of several cores: file that says what each process is doing, for quorate authority "
     "status.",
     AT_AUTHORITY(status)},
    {CONFIG_AUTHORITY, "audit_dir", CONFIG_PATH, 0, 0, NULL, "",
     "Folder in which the supervisor keeps what its cores sign of their events, a file for "
     "each "
     "start of each (quorate audit verify-core). Files are never removed. Empty: nowhere.",
     AT_AUTHORITY(audit_dir)},
    {CONFIG_AUTHORITY, "certify_timeout_s", CONFIG_NUMBER, 1, 86400, NULL, "60",
     "After so long the certify command is ended.", AT_AUTHORITY(certify_timeout_s)},
    {CONFIG_AUTHORITY, "restart_backoff_ms", CONFIG_NUMBER, 10, 600000, NULL, "1000",
     "Pause before a process that ended is started again.", AT_AUTHORITY(restart_backoff_ms)},

    {CONFIG_TIME, "server", CONFIG_TEXTS, 0, 0, NULL, "",
     "A time server: the name that its certificate is for, HOST:PORT of its key establishment "
     "(an address or a name; NTS-KE, RFC 8915; the port is 4460 as a rule), who runs it, under "
     "which law, with "
     "commas "
     "between them. The key stands once for each: at least four, at most 16; of one operator "
     "not more than may be wrong, which is one of four and two of seven; of two jurisdictions "
     "at least. None that smears leap seconds.",
     AT_TIME(server)},
    {CONFIG_TIME, "roughtime", CONFIG_TEXTS, 0, 0, NULL, "",
     "A Roughtime server, which is no source but a fence: while more than half of those that "
     "answer contradict the time servers, nothing is signed. Its address and port, and its "
     "public "
     "key in 64 hexadecimal digits, with a comma between them. At most four, a key for each.",
     AT_TIME(roughtime)},
    {CONFIG_TIME, "ca", CONFIG_PATH, 0, 0, NULL, "/etc/ssl/certs/ca-certificates.crt",
     "Roots in which the servers' chains have to end, in PEM. The preset is what Debian "
     "trusts.",
     AT_TIME(ca)},
    {CONFIG_TIME, "leap_table", CONFIG_PATH, 0, 0, NULL,
     "/usr/share/zoneinfo/leap-seconds.list",
     "Leap seconds as the IERS publishes them, with the file's own hash. Read when the "
     "supervisor "
     "starts. One that has expired is taken, and the log says so: see quorate-core(1).",
     AT_TIME(leap_table)},
    {CONFIG_TIME, "poll", CONFIG_NUMBER, 0, 10, NULL, "4",
     "Seconds between two questions to a server, as a power of two.", AT_TIME(poll)},
    {CONFIG_TIME, "timed_program", CONFIG_PATH, 0, 0, NULL, "",
     "quorate-timed. Empty: the one beside quorate-authority.", AT_TIME(timed_program)},

    {CONFIG_PRESIGN, "target", CONFIG_NUMBER, 1, 512, NULL, "64",
     "Of several cores whose P-384 key is threshold: presignatures of each triple of cores "
     "that "
     "quorate-mesh has them keep ready.",
     AT_PRESIGN(target)},
    {CONFIG_PRESIGN, "accelerator", CONFIG_BOOL, 0, 0, NULL, "yes",
     "Whether five cores that are all up make presignatures together, many at a time. no: by "
     "threes "
     "alone, which takes twelve times the CPU; cores are told so.",
     AT_PRESIGN(accelerator)},
    {CONFIG_PRESIGN, "mesh_program", CONFIG_PATH, 0, 0, NULL, "",
     "quorate-mesh. Empty: the one beside quorate-authority.", AT_PRESIGN(mesh_program)},
};

const char *config_section_name(enum config_section s)
{
    static const char *const names[] = {"front",     "journal", "policy",
                                        "authority", "time",    "presign"};

    return names[s];
}
