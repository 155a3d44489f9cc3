/* retire_command_io.h - `quorate ceremony retire`: operators end an epoch. */
#ifndef HOST_CEREMONY_RETIRE_COMMAND_IO_H
#define HOST_CEREMONY_RETIRE_COMMAND_IO_H

/* argv[0] is the verb. Gives enum command_exit. */
int command_retire(int argc, char **argv);

#endif
