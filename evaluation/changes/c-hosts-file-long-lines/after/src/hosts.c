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

/* Splits "name port" in place: the name stays at the start of the line. */
static int parse_host(char *line, unsigned *port)
{
	size_t length = strcspn(line, " \t\n");

	if (length == 0 || line[length] == '\0' || line[length] == '\n')
		return -EINVAL;
	line[length] = '\0';
	if (sscanf(line + length + 1, "%u", port) != 1 || *port > 65535)
		return -EINVAL;
	return 0;
}

int hosts_load(struct host_list *list, const char *path)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "r");
	int rc = 0;

	if (!f)
		return -errno;

	while (getline(&line, &size, f) != -1) {
		char *name;
		unsigned port;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		name = line + strspn(line, " \t");
		if (strcspn(name, " \t\n") > HOST_NAME_MAX_LEN)
			return -ENAMETOOLONG;
		rc = parse_host(name, &port);
		if (rc < 0)
			break;
		rc = hosts_add(list, name, port);
		if (rc < 0)
			break;
	}
	if (rc == 0 && !feof(f))
		rc = -EIO;
	free(line);
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
