/* A key pair and settings for a whole group of tests about signing keys: a key takes long to make.
 */
#ifndef UNIT_KEYED_H
#define UNIT_KEYED_H

#include "support.h"
#include "threads.h"

extern struct config keyed_config;
extern struct keypair *keyed_pair;

/* For cmocka_run_group_tests. */
int keyed_set_up(void **state);
int keyed_tear_down(void **state);

#endif
