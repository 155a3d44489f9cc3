/* scratch_stack.h - runs a function on a stack in the caller's memory, so that what it leaves
 * there can be erased. */
#ifndef BASE_SCRATCH_STACK_H
#define BASE_SCRATCH_STACK_H

#include <stddef.h>

/* Calls fn(arg) on the n bytes at stack (aligned to 16, n a multiple of 16 and 4096 or more),
 * which grow downwards from their end. fn returns; it may not leave by longjmp past this call.
 * The bytes are left as fn left them: the caller erases them by scratch_stack_wipe(). */
void scratch_stack_run(void *stack, size_t n, void (*fn)(void *arg), void *arg);

/* Erases the stack, also where a sanitizer or valgrind holds dead frames to be out of bounds.
 */
void scratch_stack_wipe(void *stack, size_t n);

#endif
