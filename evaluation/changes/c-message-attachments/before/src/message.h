#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MESSAGE_VERSION 1
#define TOPIC_MAX 64

struct message {
	char topic[TOPIC_MAX];
	const uint8_t *body;	/* points into the decoded buffer */
	size_t body_len;
};

/* Returns 0, or -1 if the buffer holds no valid message. */
int message_decode(struct message *msg, const uint8_t *data, size_t len);

#endif
