#ifndef DURATION_H
#define DURATION_H

/* Parses "90", "90s", "1m30s" or "2h": decimal numbers, each with one of the
 * units d, h, m and s, from the biggest to the smallest and none twice. Only a
 * number that stands alone may go without unit, it means seconds.
 *
 * Returns 0 and the seconds, or -1 and leaves *out alone. */
int duration_parse(const char *text, unsigned long *out);

#endif
