#include "duration.h"

#include <limits.h>
#include <stddef.h>

static const struct unit {
	char letter;
	unsigned long seconds;
} units[] = {
	{ 'd', 86400 },
	{ 'h', 3600 },
	{ 'm', 60 },
	{ 's', 1 },
};

#define UNITS (sizeof units / sizeof units[0])

/* Digits only: strtoul would take signs and blanks too. */
static int parse_number(const char **text, unsigned long *out)
{
	const char *at = *text;
	unsigned long value = 0;

	while (*at >= '0' && *at <= '9') {
		unsigned long digit = (unsigned long)(*at - '0');

		if (value > (ULONG_MAX - digit) / 10)
			return -1;
		value = value * 10 + digit;
		at++;
	}
	if (at == *text)
		return -1;
	*text = at;
	*out = value;
	return 0;
}

int duration_parse(const char *text, unsigned long *out)
{
	unsigned long total = 0;
	unsigned long value;
	size_t next = 0;	/* the biggest unit that may follow */

	if (parse_number(&text, &value) < 0)
		return -1;
	if (*text == '\0') {
		*out = value;
		return 0;
	}
	for (;;) {
		while (next < UNITS && units[next].letter != *text)
			next++;
		if (next == UNITS)
			return -1;
		if (value > (ULONG_MAX - total) / units[next].seconds)
			return -1;
		total += value * units[next].seconds;
		next++;
		text++;
		if (*text == '\0')
			break;
		if (parse_number(&text, &value) < 0)
			return -1;
	}
	*out = total;
	return 0;
}
