#include <assert.h>
#include <stdio.h>

#include "../src/duration.h"

static void good(const char *text, unsigned long seconds)
{
	unsigned long out = 0;

	assert(duration_parse(text, &out) == 0);
	assert(out == seconds);
}

static void bad(const char *text)
{
	unsigned long out = 42;

	assert(duration_parse(text, &out) == -1);
	assert(out == 42);
}

int main(void)
{
	good("0", 0);
	good("90", 90);
	good("90s", 90);
	good("1m30s", 90);
	good("1d2h", 93600);
	good("18446744073709551615", 18446744073709551615ul);

	bad("");
	bad("s");
	bad("-5");
	bad(" 5");
	bad("5 s");
	bad("1m30");
	bad("30s1m");
	bad("1m1m");
	bad("5x");
	bad("18446744073709551616");
	bad("18446744073709551615m");

	puts("ok");
	return 0;
}
