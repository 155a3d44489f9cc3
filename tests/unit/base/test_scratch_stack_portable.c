/* The same tests with the switch that is used on other processors than x86-64. */
#define SCRATCH_STACK_PORTABLE 1
#include "../../../src/base/scratch_stack.c" /* NOLINT(bugprone-suspicious-include): other build */
#include "test_scratch_stack.c" /* NOLINT(bugprone-suspicious-include): the same cases */
