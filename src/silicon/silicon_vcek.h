/* silicon_vcek.h - writes the certificate of a simulated chip's key, as AMD's key service does:
 * serial number 0, the extensions under 1.3.6.1.4.1.3704.1, signed by the issuer of its line.
 */
#ifndef SILICON_SILICON_VCEK_H
#define SILICON_SILICON_VCEK_H

#include "silicon/silicon.h"

/* Of s: line, ask, key, hwid and reported_tcb. Writes vcek. ERR_BUG. */
MUST_CHECK enum err silicon_vcek_write(struct silicon *s);

#endif
