#ifndef SESSION_H
#define SESSION_H

#include <time.h>

struct session {
	int fd;
	char *peer;		/* "address:port", for the log */
	time_t since;
};

/* NULL if there is no memory. */
struct session *session_new(int fd, const char *peer);

/* Closes the connection and frees the session. */
void session_free(struct session *s);

#endif
