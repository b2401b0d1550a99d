#ifndef SESSION_H
#define SESSION_H

#include <time.h>

struct session {
	int fd;
	char *peer;		/* "address:port", for the log; our copy */
	time_t since;
};

/* NULL if there is no memory. */
struct session *session_new(int fd, const char *peer);

/* Closes the connection and frees the session with all it owns. */
void session_free(struct session *s);

#endif
