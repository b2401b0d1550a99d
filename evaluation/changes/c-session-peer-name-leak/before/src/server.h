#ifndef SERVER_H
#define SERVER_H

#define SERVER_MAX 64

/* The slot of the new session, or -1; then the caller still owns fd. */
int server_accept(int fd, const char *peer);
void server_drop(int slot, const char *why);

#endif
