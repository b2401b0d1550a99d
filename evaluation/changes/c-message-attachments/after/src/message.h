#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>
#include <stdint.h>

/* Version 2 added the attachments behind the body. */
#define MESSAGE_VERSION 2
#define MESSAGE_VERSION_PLAIN 1
#define TOPIC_MAX 64
#define ATTACHMENT_NAME_MAX 32
#define ATTACHMENTS_MAX 16

/* The data of body and attachments points into the decoded buffer. */
struct attachment {
	char name[ATTACHMENT_NAME_MAX];
	const uint8_t *data;
	size_t len;
};

struct message {
	char topic[TOPIC_MAX];
	const uint8_t *body;
	size_t body_len;
	struct attachment attachments[ATTACHMENTS_MAX];
	size_t attachment_count;
};

/* Returns 0, or -1 if the buffer holds no valid message. */
int message_decode(struct message *msg, const uint8_t *data, size_t len);

/* The attachment of that name, or NULL. */
const struct attachment *message_find(const struct message *msg,
				      const char *name);

#endif
