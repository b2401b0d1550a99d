#ifndef STORE_H
#define STORE_H

#include <stddef.h>

#define STORE_NAME 48
#define STORE_ENTRIES 256

struct entry {
	char name[STORE_NAME];
	long value;
};

struct store {
	struct entry entries[STORE_ENTRIES];
	size_t count;
};

/* 0; -ENAMETOOLONG or -ENOSPC. */
int store_set(struct store *st, const char *name, long value);

#endif
