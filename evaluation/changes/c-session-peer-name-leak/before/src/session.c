#define _POSIX_C_SOURCE 200809L

#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session *session_new(int fd, const char *peer)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->peer = strdup(peer);
	if (!s->peer) {
		free(s);
		return NULL;
	}
	s->fd = fd;
	s->since = time(NULL);
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	close(s->fd);
	free(s);
}
