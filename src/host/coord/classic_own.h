/* classic_own.h - what the files of classic_step share. */
#ifndef HOST_COORD_CLASSIC_OWN_H
#define HOST_COORD_CLASSIC_OWN_H

#include "host/coord/classic_step.h"

/* ---- classic_answer.c ---- */
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

/* ---- classic_line.c ---- */
/* Connected cores that a job may be signed by. */
unsigned classic_count_for(const struct classic_step *s, const struct coord_job *job);

/* Triples that jobs of the same certificates can go to; zero at first. While what it was made
 * of stays: connections, and the job that it is of. */
struct classic_alike {
    const uint8_t *all;
    size_t n;
    unsigned triples;
};

/* Triples that a job can go to, a mask of their numbers: connected, of certificates that its
 * owner holds, not too wide for its policy, as far as is known, and without cores that it
 * leaves out for now. */
unsigned classic_suits(const struct classic_step *s, const struct coord_job *job,
                       struct classic_alike *last);

/* Jobs in line that can go to triple t, up to most. */
size_t classic_count_suited(const struct classic_step *s, unsigned t, size_t most);

/* Triples that can be asked now and have presignatures, a mask. */
unsigned classic_stocked(const struct classic_step *s, int64_t now_ns);

/* Asks three cores for each that can go now, in the order of the line. Calls done() of those
 * that nobody wants any more. */
void classic_begin_runs(struct classic_step *s, int64_t now_ns);

/* Whether jobs wait for presignatures that are not there; each is counted once. Those that no
 * three cores have the time for end. Calls done(). */
void classic_look_at_line(struct classic_step *s, int64_t now_ns);

/* ---- classic_view.c ---- */
/* Says when few triples are usable. */
void classic_watch(struct classic_step *s, int64_t now_ns);

/* ---- classic_late.c ---- */
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
