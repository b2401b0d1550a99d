#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "session.h"

static struct session *sessions[SERVER_MAX];

int server_accept(int fd, const char *peer)
{
	for (int slot = 0; slot < SERVER_MAX; slot++) {
		if (sessions[slot])
			continue;
		sessions[slot] = session_new(fd, peer);
		return sessions[slot] ? slot : -1;
	}
	return -1;
}

/* The peer has hung up or sent nonsense. */
void server_drop(int slot, const char *why)
{
	struct session *s = sessions[slot];
	char *peer;

	if (!s)
		return;
	peer = s->peer;
	sessions[slot] = NULL;
	session_free(s);
	fprintf(stderr, "dropped %s: %s\n", peer, why);
	free(peer);
}
