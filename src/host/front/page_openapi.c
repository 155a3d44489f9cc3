#include "base/version.h"
#include "host/front/pages.h"

#include <string.h>

#define POST_STAMP(more)                                                                      \
    "\"post\":{\"summary\":\"Request a time-stamp\"," more                                    \
    "\"parameters\":[{\"name\":\"format\",\"in\":\"query\",\"schema\":{\"enum\":[\"json\"]}," \
    "\"description\":\"json: the JSON view of the reply, as with Accept: "                    \
    "application/json\"}],"                                                                   \
    "\"responses\":{\"200\":{\"$ref\":\"#/components/responses/reply\"},"                     \
    "\"400\":{\"$ref\":\"#/components/responses/refusal\"},"                                  \
    "\"411\":{\"$ref\":\"#/components/responses/refusal\"},"                                  \
    "\"413\":{\"$ref\":\"#/components/responses/refusal\"},"                                  \
    "\"415\":{\"$ref\":\"#/components/responses/refusal\"},"                                  \
    "\"429\":{\"$ref\":\"#/components/responses/refusal\"},"                                  \
    "\"503\":{\"$ref\":\"#/components/responses/refusal\"}}}"
#define BODY_QUERY                                                                     \
    "\"requestBody\":{\"required\":true,\"content\":{\"application/timestamp-query\":" \
    "{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}},"
#define BODY_DATA                                                                       \
    "\"description\":\"Where it is turned on, a body of any other type is hashed with " \
    "SHA-256 and "                                                                      \
    "stamped.\","                                                                       \
    "\"requestBody\":{\"required\":true,\"content\":{\"application/timestamp-query\":"  \
    "{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}},\"*/*\":"                 \
    "{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}},"
#define BODY_BOTH                                                                      \
    "\"requestBody\":{\"required\":true,\"content\":{\"application/timestamp-query\":" \
    "{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}},\"application/json\":"   \
    "{\"schema\":{\"$ref\":\"#/components/schemas/request\"}}}},"
#define GET(summary, type, more)                                                              \
    "\"get\":{\"summary\":\"" summary "\",\"responses\":{\"200\":{\"description\":\"" summary \
    "\",\"content\":{\"" type "\":{}}}" more "}}"
#define OR_503 ",\"503\":{\"description\":\"not ready\"}"

/* OpenAPI 3.0, in pieces that C99 promises to take. */
static const char *const pieces[] = {
    "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Quorate time-stamping "
    "authority\",\"version\":\"",
    quorate_version,
    "\",\"description\":\"RFC 3161 over HTTP. A refused request is answered with status 200 "
    "and a "
    "TimeStampResp that says why.\"},\"paths\":{",
    "\"/\":{" GET("A page for people", "text/html", "") "," POST_STAMP(BODY_QUERY) "},",
    "\"/tsa\":{" POST_STAMP(BODY_DATA) "},",
    "\"/tsr\":{" POST_STAMP(BODY_QUERY) "},",
    "\"/timestamp\":{" POST_STAMP(BODY_QUERY) "},",
    "\"/api/v1/timestamp\":{" POST_STAMP(BODY_BOTH) "},",
    "\"/api/v1/timestamp/certchain\":{" GET("Certificate chain, leaf first",
                                            "application/pem-certificate-chain", OR_503) "},",
    "\"/ca.pem\":{" GET("CA certificate", "application/x-pem-file", OR_503) "},",
    "\"/tsa_cert.pem\":{" GET("Certificate of the authority", "application/x-pem-file",
                              OR_503) "},",
    "\"/health\":{" GET("State of this node", "application/json", "") "},",
    "\"/healthz\":{" GET("The process lives", "text/plain", "") "},",
    "\"/ping\":{" GET("The process lives", "text/plain", "") "},",
    "\"/readyz\":{" GET("Tokens would be granted now", "application/json", OR_503) "},",
    "\"/evidence\":{" GET(
        "What the cores show of their machines to ?nonce=", "application/octet-stream",
        ",\"202\":{\"description\":\"ask again\"}" OR_503) "},",
    "\"/bundle\":{" GET("What shows this epoch", "application/octet-stream",
                        ",\"404\":{\"description\":\"there is none\"}") "},",
    "\"/openapi.json\":{" GET("This description", "application/json", "") "}},",
    "\"components\":{\"responses\":{\"reply\":{\"description\":\"TimeStampResp: granted or "
    "rejection\",\"content\":{\"application/timestamp-reply\":{\"schema\":{\"type\":\"string\","
    "\"format\":\"binary\"}},\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/"
    "view\"}}}},"
    "\"refusal\":{\"description\":\"Refused before it was read as a request\",\"content\":"
    "{\"application/"
    "json\":{\"schema\":{\"type\":\"object\",\"properties\":{\"status\":{\"type\":"
    "\"integer\"},\"error\":{\"type\":\"string\"}}}}}}},",
    "\"schemas\":{\"request\":{\"type\":\"object\",\"required\":[\"artifactHash\","
    "\"hashAlgorithm\"],\"additionalProperties\":false,\"properties\":{"
    "\"artifactHash\":{\"type\":\"string\",\"format\":\"byte\"},"
    "\"hashAlgorithm\":{\"type\":\"string\",\"enum\":[\"sha256\",\"sha384\",\"sha512\","
    "\"sha3-256\",\"sha3-384\",\"sha3-512\"]},"
    "\"nonce\":{\"type\":\"integer\",\"format\":\"int64\"},"
    "\"certificates\":{\"type\":\"boolean\"},\"tsaPolicyOID\":{\"type\":\"string\"}}},",
    "\"view\":{\"type\":\"object\",\"required\":[\"status\",\"token\"],\"properties\":{"
    "\"status\":{\"enum\":[\"granted\",\"rejection\"]},"
    "\"fail_info\":{\"type\":\"string\"},\"status_string\":{\"type\":\"string\"},"
    "\"version\":{\"type\":\"integer\"},\"profile\":{\"enum\":[\"classic\",\"pq\","
    "\"hybrid\",\"dual\"]},\"policy\":{\"type\":\"string\"},"
    "\"message_imprint\":{\"type\":\"object\",\"properties\":{\"hash_algorithm\":{\"type\":"
    "\"string\"},\"hashed_message\":{\"type\":\"string\",\"description\":\"hex\"}}},"
    "\"serial_number\":{\"type\":\"string\",\"description\":\"hex\"},"
    "\"gen_time\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"accuracy\":{\"type\":\"object\",\"properties\":{\"seconds\":{\"type\":\"integer\"},"
    "\"millis\":{\"type\":\"integer\"},\"micros\":{\"type\":\"integer\"}}},"
    "\"ordering\":{\"type\":\"boolean\"},"
    "\"nonce\":{\"type\":\"string\",\"nullable\":true,\"description\":\"hex\"},"
    "\"tsa\":{\"type\":\"string\",\"nullable\":true},"
    "\"extensions\":{\"type\":\"string\",\"nullable\":true},"
    "\"signature\":{\"type\":\"string\",\"description\":\"hex: r and s, 48 bytes each; of "
    "profile pq the signature of ML-DSA-65, of profile dual both in a row\"},"
    "\"evidence\":{\"type\":\"object\",\"nullable\":true,\"description\":\"of a hybrid token: "
    "its archive time-stamp\",\"properties\":{\"policy\":{\"type\":\"string\"},"
    "\"serial_number\":{\"type\":\"string\",\"description\":\"hex\"},"
    "\"gen_time\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"accuracy\":{\"type\":\"object\"}}},"
    "\"token\":{\"type\":\"string\",\"format\":\"byte\",\"nullable\":true,\"description\":"
    "\"ContentInfo in DER\"}}}}}}\n",
};

void page_write_openapi(struct writer *w)
{
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        wr_bytes(w, pieces[i], strlen(pieces[i]));
    }
}
