#define _POSIX_C_SOURCE 200809L

#include <stdio.h>

#include "session.h"

/* Serves one command of the administrator and hangs up. */
int admin_serve(int fd, const char *peer)
{
	struct session *s = session_new(fd, peer);

	if (!s)
		return -1;
	dprintf(s->fd, "hello %s\n", s->peer);
	session_free(s);
	return 0;
}
