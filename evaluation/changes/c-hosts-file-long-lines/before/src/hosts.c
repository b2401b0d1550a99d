#define _POSIX_C_SOURCE 200809L

#include "hosts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hosts_add(struct host_list *list, const char *name, unsigned port)
{
	if (list->count == list->size) {
		size_t size = list->size ? list->size * 2 : 8;
		struct host *items = realloc(list->items, size * sizeof *items);

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->size = size;
	}
	list->items[list->count].name = strdup(name);
	if (!list->items[list->count].name)
		return -ENOMEM;
	list->items[list->count].port = port;
	list->count++;
	return 0;
}

int hosts_load(struct host_list *list, const char *path)
{
	char line[128];
	FILE *f = fopen(path, "r");
	int rc = 0;

	if (!f)
		return -errno;

	while (fgets(line, sizeof line, f)) {
		char name[128];
		unsigned port;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "%127s %u", name, &port) != 2 || port > 65535) {
			rc = -EINVAL;
			break;
		}
		rc = hosts_add(list, name, port);
		if (rc < 0)
			break;
	}
	if (rc == 0 && ferror(f))
		rc = -EIO;
	fclose(f);
	return rc;
}

void hosts_free(struct host_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
	memset(list, 0, sizeof *list);
}
