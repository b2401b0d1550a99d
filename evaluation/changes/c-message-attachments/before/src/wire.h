#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Reads big-endian numbers from a buffer. Once something did not fit, all
 * further reads give 0 and `bad` stays set. */
struct reader {
	const uint8_t *data;
	size_t left;
	int bad;
};

static inline const uint8_t *read_bytes(struct reader *r, size_t count)
{
	const uint8_t *at = r->data;

	if (r->bad || r->left < count) {
		r->bad = 1;
		return NULL;
	}
	r->data += count;
	r->left -= count;
	return at;
}

static inline uint16_t read_u16(struct reader *r)
{
	const uint8_t *at = read_bytes(r, 2);

	return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

static inline uint8_t read_u8(struct reader *r)
{
	const uint8_t *at = read_bytes(r, 1);

	return at ? at[0] : 0;
}

#endif
