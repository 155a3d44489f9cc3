/* classic_own.h - what the files of classic_step share. */
#ifndef HOST_COORD_CLASSIC_OWN_H
#define HOST_COORD_CLASSIC_OWN_H

#include "host/coord/classic_step.h"

/* Its questions are waited for no more. */
void classic_free_ask(struct classic_step *s, struct classic_ask *a);

/* The same; presignatures that were not put together are lost, and the jobs are first in line
 * for others. Calls done() of those that have had enough. */
void classic_give_up(struct classic_step *s, struct classic_run *run);

/* A job whose presignature is lost: it is first in line for another one. Calls done() if it has
 * had enough. */
void classic_retry(struct classic_step *s, struct coord_job *job);

/* Puts together what the three have answered, as far as there is time. Calls done(). */
void classic_combine(struct classic_step *s, int64_t now_ns);

/* Whether there is more of it. */
bool classic_has_whole(const struct classic_step *s);

/* When that core is to be asked what it has made. */
int64_t classic_source_due(const struct classic_step *s, unsigned party);

/* Triples that can be asked now, a mask of their numbers: for a job, or for any (NULL). */
unsigned classic_usable(const struct classic_step *s, const struct coord_job *job,
                        int64_t now_ns);

/* Whether jobs wait for presignatures that are not there; each is counted once. */
void classic_watch(struct classic_step *s, int64_t now_ns);
void classic_note_starved(struct classic_step *s, int64_t now_ns);

/* Ends all jobs if fewer than three cores are connected. Calls done(). */
void classic_end_if_cut_off(struct classic_step *s);

/* Ends jobs that wait for cores of which too few answer, or know the time: at once, or, where
 * silent ones would be enough, once they have waited. Calls done(). */
void classic_end_hopeless(struct classic_step *s, int64_t now_ns);

/* Ends jobs whose time is over. Calls done(). */
void classic_sweep(struct classic_step *s, int64_t now_ns);

/* Who has not answered in time is not waited for any more. Calls done(). */
void classic_look_for_silence(struct classic_step *s, int64_t now_ns);

/* What waits for that core is given up. Calls done(). */
void classic_give_up_all(struct classic_step *s, unsigned party);

#endif
