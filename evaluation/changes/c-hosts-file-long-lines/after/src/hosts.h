#ifndef HOSTS_H
#define HOSTS_H

#include <stddef.h>

#define HOST_NAME_MAX_LEN 253

struct host {
	char *name;
	unsigned port;
};

struct host_list {
	struct host *items;
	size_t count;
	size_t size;
};

/* Reads "name port" lines and appends them to the list, which may be partly
 * filled after an error. Returns 0 or a negative errno value, -ENAMETOOLONG
 * for a name that DNS would not take. */
int hosts_load(struct host_list *list, const char *path);

void hosts_free(struct host_list *list);

#endif
