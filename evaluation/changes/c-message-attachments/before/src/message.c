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

int message_decode(struct message *msg, const uint8_t *data, size_t len)
{
	struct reader r = { data, len, 0 };

	memset(msg, 0, sizeof *msg);
	if (read_u8(&r) != MESSAGE_VERSION)
		return -1;
	if (read_name(&r, msg->topic, sizeof msg->topic) < 0)
		return -1;
	msg->body_len = read_u16(&r);
	msg->body = read_bytes(&r, msg->body_len);
	if (r.bad || r.left != 0)
		return -1;
	return 0;
}
