#include "store.h"

#include <errno.h>
#include <string.h>

static struct entry *find(struct store *st, const char *name)
{
	for (size_t i = 0; i < st->count; i++) {
		if (strcmp(st->entries[i].name, name) == 0)
			return &st->entries[i];
	}
	return NULL;
}

int store_set(struct store *st, const char *name, long value)
{
	struct entry *e;
	size_t len = strlen(name);

	if (len >= STORE_NAME)
		return -ENAMETOOLONG;

	e = find(st, name);
	if (e) {
		e->value = value;
		return 0;
	}

	if (st->count == STORE_ENTRIES)
		return -ENOSPC;
	e = &st->entries[st->count++];
	memcpy(e->name, name, len + 1);
	e->value = value;
	return 0;
}
