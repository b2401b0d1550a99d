#include "message.h"

#include <string.h>

#include "wire.h"

/* A length byte and that many characters, none of them NUL. */
static int read_name(struct reader *r, char *out, size_t size)
{
	uint8_t len = read_u8(r);
	const uint8_t *text = read_bytes(r, len);

	if (!text || len == 0 || len >= size || memchr(text, 0, len))
		return -1;
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

static int read_attachments(struct reader *r, struct message *msg)
{
	uint8_t count = read_u8(r);

	for (uint8_t i = 0; i < count; i++) {
		struct attachment *att = &msg->attachments[i];

		if (read_name(r, att->name, sizeof att->name) < 0)
			return -1;
		if (message_find(msg, att->name))
			return -1;	/* names must be unique */
		att->len = read_u16(r);
		att->data = read_bytes(r, att->len);
		if (r->bad)
			return -1;
		msg->attachment_count++;
	}
	return 0;
}

const struct attachment *message_find(const struct message *msg,
				      const char *name)
{
	for (size_t i = 0; i < msg->attachment_count; i++) {
		if (strcmp(msg->attachments[i].name, name) == 0)
			return &msg->attachments[i];
	}
	return NULL;
}

int message_decode(struct message *msg, const uint8_t *data, size_t len)
{
	struct reader r = { data, len, 0 };
	uint8_t version;

	memset(msg, 0, sizeof *msg);
	version = read_u8(&r);
	if (version != MESSAGE_VERSION && version != MESSAGE_VERSION_PLAIN)
		return -1;
	if (read_name(&r, msg->topic, sizeof msg->topic) < 0)
		return -1;
	msg->body_len = read_u16(&r);
	msg->body = read_bytes(&r, msg->body_len);
	if (version >= MESSAGE_VERSION && read_attachments(&r, msg) < 0)
		return -1;
	if (r.bad || r.left != 0)
		return -1;
	return 0;
}
