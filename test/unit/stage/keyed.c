#include "keyed.h"

struct config keyed_config;
struct keypair *keyed_pair;

int keyed_set_up(void **state)
{
	(void)state;
	keyed_pair = keypair_new(2048, 65537);
	settings_load(&keyed_config, NULL, NULL);
	return 0;
}

int keyed_tear_down(void **state)
{
	(void)state;
	keypair_free(keyed_pair);
	config_done(&keyed_config);
	return 0;
}
